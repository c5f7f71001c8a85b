package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// A record is one event of the log.
type record struct {
	position, version int64
	kind              string
	request           string // the X-Request-Id of the call that caused it
	recorded          time.Time
	recordData
}

type recordData struct {
	Hold, Booking string
	Buyer         string
	Section       string
	Quantity      int
	Paying        bool
	FromHold      bool
	ExpiresAt     time.Time
	At            time.Time
}

func (r *recordData) claim() string { return r.Hold + r.Booking }

const readLog = `
select position, version, type, coalesce(metadata->>'correlation', ''), recorded_at, data
  from events where stream = $1 order by version, position`

// load reads the log of one sale as it is stored, past the program.
func load(ctx context.Context, conn *pgx.Conn, sale string) ([]record, error) {
	rows, err := conn.Query(ctx, readLog, sale)
	if err != nil {
		return nil, fmt.Errorf("read the log: %w", err)
	}
	return pgx.CollectRows(rows, func(row pgx.CollectableRow) (r record, err error) {
		var data []byte
		if err := row.Scan(&r.position, &r.version, &r.kind, &r.request, &r.recorded, &data); err != nil {
			return r, err
		}
		return r, json.Unmarshal(data, &r.recordData)
	})
}

// A ledger is what the log of one sale adds up to, by arithmetic of its own.
type ledger struct {
	free     [][]int // what is left in each section, after each version; [0] is after version 1
	taken    map[string]seats
	state    map[string]status // by claim
	oversold int               // the most seats that were ever taken beyond those on sale
	problems []string
}

type seats struct {
	buyer, section string
	qty            int
}

// tally adds the log up and holds it against the rules: versions without gaps, no seat taken that was not free, one live
// claim a buyer, and nothing returned, paid or sold that was not held.
func tally(sale *event, log []record) *ledger {
	l := &ledger{taken: make(map[string]seats), state: make(map[string]status)}
	free := make([]int, len(sale.seats))
	copy(free, sale.seats)
	live := make(map[string]string) // buyer → claim
	until := make(map[string]time.Time)
	for i := range log {
		r := &log[i]
		wrong := func(why string) {
			l.problems = append(l.problems, fmt.Sprintf("%s at version %d: %s", r.kind, r.version, why))
		}
		if r.version != int64(i+1) {
			wrong(fmt.Sprintf("it is event %d of the sale", i+1))
		}
		id, section := r.claim(), sale.sectionIndex(r.Section)
		take := func(as status) {
			if _, made := l.taken[id]; made {
				wrong("the claim was made before")
			}
			if other := live[r.Buyer]; other != "" {
				wrong("the buyer has " + other + " already")
			}
			l.taken[id], l.state[id], live[r.Buyer] = seats{r.Buyer, r.Section, r.Quantity}, as, id
			free[section] -= r.Quantity
		}
		change := func(as status, from ...status) {
			allowed := false
			for _, f := range from {
				allowed = allowed || l.state[id] == f
			}
			if !allowed {
				wrong("the claim is in the wrong state for it")
			}
			l.state[id] = as
			if as == ended || as == cancelled {
				delete(live, r.Buyer)
				free[section] += r.Quantity
			}
		}
		sameSeats := func() {
			if l.taken[id] != (seats{r.Buyer, r.Section, r.Quantity}) {
				wrong("these are not the claim's seats")
			}
		}
		switch r.kind {
		case "sale.opened.v1":
		case "seats.held.v1":
			take(held)
			until[id] = r.ExpiresAt
			if r.Paying {
				l.state[id] = paying
			}
		case "payment.started.v1":
			change(paying, held)
			until[id] = r.ExpiresAt
		case "hold.released.v1":
			sameSeats()
			change(ended, held, paying)
		case "hold.expired.v1":
			sameSeats()
			change(ended, held, paying)
			if r.At.Before(until[id]) {
				wrong("before its time")
			}
		case "booking.confirmed.v1":
			if r.FromHold {
				sameSeats()
				change(booked, held, paying)
			} else {
				take(booked)
			}
		case "booking.cancelled.v1":
			sameSeats()
			change(cancelled, booked)
		default:
			wrong("nobody asked for it")
		}
		for s := range free {
			if free[s] < 0 {
				l.oversold = max(l.oversold, -free[s])
			}
		}
		l.free = append(l.free, append([]int(nil), free...))
	}
	return l
}

// settled is the end of the log in the model's terms.
func (l *ledger) settled(sale *event) *settled {
	end := &settled{version: int64(len(l.free)), live: make(map[int]liveClaim)}
	if end.version > 0 {
		end.free = l.free[end.version-1]
	}
	for id, state := range l.state {
		if state == held || state == paying || state == booked {
			end.live[sale.buyerIndex(l.taken[id].buyer)] = liveClaim{id, state}
		}
	}
	return end
}
