package main

import (
	"context"
	"net/http"

	"golang.org/x/sync/errgroup"
)

// regulars is how many buyers have booked something before anybody reads.
const regulars = 2000

// readRows are the rows of reading, of a shop with 1,000 events: while nothing else happens, and while as many clients again
// book a hot event as fast as they can.
func readRows() []row {
	rows := []row{
		{name: rowNoop, quick: true, run: noopRow},
		{name: rowEventsRest, quick: true, run: readRow("/events?limit=20", false)},
		{name: rowEventsStorm, quick: true, run: readRow("/events?limit=20", true)},
		{name: "GET /events?search, at rest", run: readRow("/events?limit=20&search=evening+7", false)},
		{name: "GET /events?search, in a storm", run: readRow("/events?limit=20&search=evening+7", true)},
		{name: "GET /events/{id}, at rest", run: readRow("/events/{event}", false)},
		{name: "GET /events/{id}, in a storm", run: readRow("/events/{event}", true)},
		{name: "GET /bookings, at rest", run: readRow("/bookings", false)},
		{name: "GET /bookings, in a storm", run: readRow("/bookings", true)},
	}
	for i := range rows {
		rows[i].group = "read"
	}
	return rows
}

func readRow(path string, storm bool) func(context.Context, *lab) (measure, error) {
	return func(ctx context.Context, l *lab) (measure, error) {
		s, err := l.shop(ctx)
		if err != nil {
			return measure{}, err
		}
		j := job{URL: s.URL, Method: http.MethodGet, Path: path, Want: http.StatusOK, Buyers: regulars}
		for i := range shopStock.sales {
			j.Events = append(j.Events, shopStock.sale(i).String())
		}
		if !storm {
			return l.cell(ctx, s, j)
		}
		hot, err := l.open(ctx, s, 1, seats)
		if err != nil {
			return measure{}, err
		}
		return l.readInStorm(ctx, s, j, book(s, hot...))
	}
}

// readInStorm measures the reads; of the bookings, only how many there were.
func (l *lab) readInStorm(ctx context.Context, s *server, reads, bookings job) (measure, error) {
	var read, booked loaded
	group, both := errgroup.WithContext(ctx)
	group.Go(func() (err error) { booked, err = l.load(both, bookings); return err })
	group.Go(func() (err error) { read, err = l.load(both, reads); return err })
	if err := group.Wait(); err != nil {
		return measure{}, err
	}
	read.Values = map[string]float64{"bookings/s": booked.Rate}
	_, err := s.drained(ctx)
	return read.measure, err
}

var shopStock = stock{sales: manyEvents, events: 20_000}

// shop is the group's node on a log that has something to read, with regulars who have a booking each.
func (l *lab) shop(ctx context.Context) (*server, error) {
	const name = "shop"
	if s := l.servers[name]; s != nil {
		return s, nil
	}
	database, err := l.stocked(ctx, shopStock)
	if err != nil {
		return nil, err
	}
	s, err := l.nodeOn(ctx, name, database)
	if err != nil {
		return nil, err
	}
	if _, err := s.drained(ctx); err != nil {
		return nil, err
	}
	j := book(s, shopStock.sale(0).String())
	j.Requests = regulars
	_, err = l.cell(ctx, s, j)
	return s, err
}
