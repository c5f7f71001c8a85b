package main

import (
	"context"
	"errors"
	"net/http"
)

// manyEvents is how many there are where there is not one alone, and zipf how uneven an uneven demand is.
const (
	manyEvents = 1000
	zipf       = 1.1
)

// booking is what a buyer sends.
const booking = `{"eventId":"{event}"}`

// refused is how many buyers come again and again to an event where they have booked. They are more than a node remembers
// tokens of, so that theirs are verified as often as a newcomer's.
const refused = 20_000

// refusedClients are that many, for their first bookings to take no longer than they have to.
const refusedClients = 512

// writeRows are the rows of commands. Every cell has events of its own, and on them each buyer comes once.
func writeRows() []row {
	rows := []row{ // those that are compared beside each other: a machine is another one a quarter of a minute later
		{name: rowStatement, against: rowForUpdateHot, run: baselineRow(kindStatement, 1)},
		{name: rowForUpdateHot, quick: true, run: baselineRow(kindForUpdate, 1)},
		{name: rowHot, against: rowForUpdateHot, quick: true, run: onsaleRow(1, 0)},
		{name: rowNoop, quick: true, run: noopRow},
		{name: rowSoldOut, quick: true, run: soldOutRow},
		{name: rowAlreadyBooked, run: alreadyBookedRow()},
		{name: rowPairs, run: pairsRow},
		{name: rowForUpdateEven, quick: true, run: baselineRow(kindForUpdate, manyEvents)},
		{name: rowEven, against: rowForUpdateEven, quick: true, run: onsaleRow(manyEvents, 0)},
		{name: rowZipf, against: rowForUpdateEven, run: onsaleRow(manyEvents, zipf)},
	}
	for i := range rows {
		rows[i].group = groupWrite
	}
	return rows
}

func book(s *server, events ...string) job {
	return job{URL: s.URL, Method: http.MethodPost, Path: "/book", Body: booking, Events: events, Want: http.StatusCreated}
}

// noopRow is the ceiling: nothing is looked up, so that any event will do, and any buyer again.
func noopRow(ctx context.Context, l *lab) (measure, error) {
	s, err := l.baseline(ctx, kindNoop)
	if err != nil {
		return measure{}, err
	}
	j := book(s, "01900000-0000-7000-8000-000000000001")
	j.Buyers = l.buyers.count
	return l.cell(ctx, s, j)
}

// cell measures one job on one server, while the others sleep. A node's read tables have all of it when it returns.
func (l *lab) cell(ctx context.Context, s *server, j job) (measure, error) {
	if err := l.focus(s); err != nil {
		return measure{}, err
	}
	profiled := l.profile(ctx, s)
	result, err := l.load(ctx, j)
	if err = errors.Join(err, profiled()); err == nil && s.Metrics != "" {
		_, err = s.drained(ctx)
	}
	return result.measure, err
}

// baselineRow books so many events evenly, in plain SQL.
func baselineRow(kind string, events int) func(context.Context, *lab) (measure, error) {
	return func(ctx context.Context, l *lab) (measure, error) {
		s, err := l.baseline(ctx, kind)
		if err != nil {
			return measure{}, err
		}
		return l.sell(ctx, s, events, 0)
	}
}

// onsaleRow does so with Onsale; with a zipf, not evenly.
func onsaleRow(events int, zipf float64) func(context.Context, *lab) (measure, error) {
	return func(ctx context.Context, l *lab) (measure, error) {
		s, err := l.node(ctx, "node")
		if err != nil {
			return measure{}, err
		}
		return l.sell(ctx, s, events, zipf)
	}
}

// sell measures bookings of so many new events.
func (l *lab) sell(ctx context.Context, s *server, events int, zipf float64) (measure, error) {
	ids, err := l.open(ctx, s, events, seats)
	if err != nil {
		return measure{}, err
	}
	j := book(s, ids...)
	j.Zipf = zipf
	return l.cell(ctx, s, j)
}

// open wakes the server and puts events on sale.
func (l *lab) open(ctx context.Context, s *server, events, tickets int) ([]string, error) {
	if err := l.focus(s); err != nil {
		return nil, err
	}
	return l.createSales(ctx, s, events, tickets)
}

// soldOutRow asks for an event whose one ticket is gone.
func soldOutRow(ctx context.Context, l *lab) (measure, error) {
	s, ids, err := l.onsaleWith(ctx, 1)
	if err != nil {
		return measure{}, err
	}
	j := book(s, ids...)
	first := j
	first.Requests, first.Clients = 1, 1
	if _, err := l.load(ctx, first); err != nil {
		return measure{}, err
	}
	j.Want, j.Code, j.First, j.Buyers = http.StatusConflict, `"sold_out"`, 1, l.buyers.count-1
	return l.cell(ctx, s, j)
}

// alreadyBookedRow has those who have booked ask again. They book once for all rounds.
func alreadyBookedRow() func(context.Context, *lab) (measure, error) {
	var j job
	return func(ctx context.Context, l *lab) (measure, error) {
		if j.Buyers == 0 {
			s, ids, err := l.onsaleWith(ctx, seats)
			if err != nil {
				return measure{}, err
			}
			j = book(s, ids...)
			first := j
			first.Requests, first.Clients = min(refused, l.buyers.count), refusedClients
			if _, err := l.load(ctx, first); err != nil {
				return measure{}, err
			}
			j.Want, j.Code, j.Buyers = http.StatusConflict, `"already_booked"`, first.Requests
		}
		s, err := l.node(ctx, "node")
		if err != nil {
			return measure{}, err
		}
		return l.cell(ctx, s, j)
	}
}

// pairsRow holds a seat of a hot event and confirms it: two requests, counted as one.
func pairsRow(ctx context.Context, l *lab) (measure, error) {
	s, ids, err := l.onsaleWith(ctx, seats)
	if err != nil {
		return measure{}, err
	}
	j := book(s, ids...)
	j.Path, j.Then = "/holds", "/holds/{hold}/confirm"
	return l.cell(ctx, s, j)
}

// onsaleWith is the group's node with a new event on sale.
func (l *lab) onsaleWith(ctx context.Context, tickets int) (*server, []string, error) {
	s, err := l.node(ctx, "node")
	if err != nil {
		return nil, nil, err
	}
	ids, err := l.open(ctx, s, 1, tickets)
	return s, ids, err
}
