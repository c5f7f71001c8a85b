package main

import (
	"context"
	"net/http"
	"time"

	"golang.org/x/sync/errgroup"
)

// regulars is how many buyers have booked something before anybody reads.
const regulars = 2000

// The storm beside which is read is by the clock: 100,000 buyers in a minute.
const stormRate = 100_000.0 / 60

// readRows are the rows of reading, of a shop with 1,000 events: while nothing else happens, in a storm on a hot event, and
// beside as many clients again who book it as fast as they can.
func readRows() []row {
	rows := []row{
		{name: rowNoop, quick: true, run: noopRow},
		{name: rowEventsRest, run: readRow("/events?limit=20", (*lab).cell)},
		{name: rowEventsStorm, quick: true, run: readRow("/events?limit=20", (*lab).readInStorm)},
		{name: "GET /events, beside as many buyers at full speed", run: readRow("/events?limit=20", (*lab).readInRush)},
		{name: "GET /events?search, at rest", run: readRow("/events?limit=20&search=evening+7", (*lab).cell)},
		{name: "GET /events?search, in a storm", run: readRow("/events?limit=20&search=evening+7", (*lab).readInStorm)},
		{name: "GET /events/{id}, at rest", run: readRow("/events/{event}", (*lab).cell)},
		{name: "GET /events/{id}, in a storm", run: readRow("/events/{event}", (*lab).readInStorm)},
		{name: "GET /bookings, at rest", run: readRow("/bookings", (*lab).cell)},
		{name: "GET /bookings, in a storm", run: readRow("/bookings", (*lab).readInStorm)},
	}
	for i := range rows {
		rows[i].group = "read"
	}
	return rows
}

func readRow(path string, read func(*lab, context.Context, *server, job) (measure, error)) func(context.Context, *lab) (measure, error) {
	return func(ctx context.Context, l *lab) (measure, error) {
		s, err := l.shop(ctx)
		if err != nil {
			return measure{}, err
		}
		j := job{URL: s.URL, Method: http.MethodGet, Path: path, Want: http.StatusOK, Buyers: regulars}
		for i := range shopStock.sales {
			j.Events = append(j.Events, shopStock.sale(i).String())
		}
		return read(l, ctx, s, j)
	}
}

// readInStorm measures the reads; of the bookings, only how many there were and the worst.
func (l *lab) readInStorm(ctx context.Context, s *server, reads job) (measure, error) {
	return l.readBeside(ctx, s, reads, func(ctx context.Context, bookings job) (map[string]float64, error) {
		bookings.Clients = l.Clients
		all, err := l.offer(ctx, offer{job: bookings, Phases: []phase{{Rate: stormRate, Length: l.Warm + l.Cell}}})
		took := times(between(all, l.Warm, l.Warm+l.Cell), false)
		return sold(float64(len(took))/l.Cell.Seconds(), percentile(took, 0.99)), err
	})
}

// readInRush does so beside clients that book when their last booking is answered.
func (l *lab) readInRush(ctx context.Context, s *server, reads job) (measure, error) {
	return l.readBeside(ctx, s, reads, func(ctx context.Context, bookings job) (map[string]float64, error) {
		booked, err := l.load(ctx, bookings)
		return sold(booked.Rate, booked.P99), err
	})
}

// sold is what became of those who booked meanwhile.
func sold(rate float64, p99 time.Duration) map[string]float64 {
	m := measure{Values: map[string]float64{"bookings/s": rate}}
	m.tell("p99 of bookings, ms", milliseconds(p99), rate > 0)
	return m.Values
}

func (l *lab) readBeside(
	ctx context.Context, s *server, reads job, sell func(context.Context, job) (map[string]float64, error),
) (measure, error) {
	hot, err := l.open(ctx, s, 1, seats)
	if err != nil {
		return measure{}, err
	}
	var read loaded
	var booked map[string]float64
	group, both := errgroup.WithContext(ctx)
	group.Go(func() (err error) { booked, err = sell(both, book(s, hot...)); return err })
	group.Go(func() (err error) { read, err = l.load(both, reads); return err })
	if err := group.Wait(); err != nil {
		return measure{}, err
	}
	read.Values = booked
	_, err = s.drained(ctx)
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
