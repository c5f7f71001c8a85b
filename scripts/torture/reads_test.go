package main

import (
	"strings"
	"testing"
	"time"
)

// after is a position that a read sent.
func after(position int64) func(*call) { return func(c *call) { c.After = position } }

// see is a read of the event of aLog.
func see(from, to int, version int64, left int, edit ...func(*call)) *call {
	return tell(from, to, 0, read, append([]func(*call){func(c *call) { c.Answer.Events = []listing{{"e", version, left, []int{left}}} }}, edit...)...)
}

// has is a list of a buyer's bookings or holds.
func has(from, to int, buyer int, what string, total int, claims []possession, edit ...func(*call)) *call {
	c := tell(from, to, buyer, what, edit...)
	c.Answer.Claims, c.Answer.Total = claims, total
	return c
}

// judged is what is found wrong with reads of the event of aLog, of which buyer 0 cancelled from 10 to 20 ms and buyer 1 booked from 40
// to 50 ms, at node 0. The hold at version 4 ends at 1 s.
func judged(reads ...*call) []finding {
	cancelled := tell(10, 20, 0, cancel, of("a"))
	cancelled.Request = "r2"
	booked := tell(40, 50, 1, book)
	booked.Request = "r4"
	e, log := aLog()
	log[3].ExpiresAt = log[3].At.Add(time.Second)
	return newWitness(e, []*call{cancelled, booked}, log, tally(e, log), []offsets{{}, {}}, log[3].At).check(reads)
}

func TestReadsAreHeldAgainstTheirPromises(t *testing.T) {
	t.Parallel()
	confirmed, gone := possession{"a", "e", "s", 1, "CONFIRMED"}, possession{"a", "e", "s", 1, "CANCELLED"}
	kept := possession{"h", "e", "s", 2, "HELD"}
	for name, row := range map[string]struct {
		reads   []*call
		sinning bool
	}{
		"as it was": {[]*call{see(21, 22, 3, 2)}, false},
		"older, while the writer is not answered":                 {[]*call{see(15, 22, 2, 1)}, false},
		"older than its node has acknowledged":                    {[]*call{see(21, 22, 2, 1)}, true},
		"older, by another node":                                  {[]*call{see(21, 22, 2, 1, elsewhere)}, false},
		"older than the position it sent":                         {[]*call{see(21, 22, 2, 1, elsewhere, after(30))}, true},
		"older than the node has shown":                           {[]*call{see(21, 22, 3, 2, elsewhere), see(23, 24, 2, 1, elsewhere)}, true},
		"older than it shows at the same time":                    {[]*call{see(21, 23, 3, 2, elsewhere), see(22, 24, 2, 1, elsewhere)}, false},
		"older than the other node has shown":                     {[]*call{see(21, 22, 3, 2), see(23, 24, 2, 1, elsewhere)}, false},
		"another count than at its version":                       {[]*call{see(21, 22, 3, 1)}, true},
		"another sum than its sections":                           {[]*call{see(21, 22, 3, 2, func(c *call) { c.Answer.Events[0].Left = 1 })}, true},
		"a version that is not there":                             {[]*call{see(60, 61, 7, 0)}, true},
		"newer than what was asked for":                           {[]*call{see(21, 22, 6, 0)}, true},
		"newer, while it is asked for":                            {[]*call{see(21, 45, 6, 0)}, false},
		"an event that is there, not found":                       {[]*call{tell(60, 61, 0, read, no("event_not_found"))}, true},
		"an event that is there, not listed":                      {[]*call{tell(60, 61, 0, listEvents)}, true},
		"not caught up":                                           {[]*call{tell(60, 61, 0, read, func(c *call) { c.Answer = answer{Verdict: nothing} })}, false},
		"bookings, as they were":                                  {[]*call{has(21, 22, 0, listBookings, 1, []possession{gone})}, false},
		"bookings that the node knows are cancelled":              {[]*call{has(21, 22, 0, listBookings, 1, []possession{confirmed})}, true},
		"bookings that the other node may not know are cancelled": {[]*call{has(21, 22, 0, listBookings, 1, []possession{confirmed}, elsewhere)}, false},
		"bookings before there are any":                           {[]*call{has(1, 2, 0, listBookings, 0, nil, elsewhere)}, false},
		"bookings without one that the node has made":             {[]*call{has(60, 61, 1, listBookings, 0, nil)}, true},
		"bookings without one at the position it sent":            {[]*call{has(60, 61, 1, listBookings, 0, nil, elsewhere, after(60))}, true},
		"bookings without one that the node has shown": {[]*call{
			has(60, 61, 1, listBookings, 1, []possession{{"b", "e", "s", 2, "CONFIRMED"}}, elsewhere), has(62, 63, 1, listBookings, 0, nil, elsewhere),
		}, true},
		"bookings that were asked for later":       {[]*call{has(21, 22, 1, listBookings, 1, []possession{{"b", "e", "s", 2, "CONFIRMED"}})}, true},
		"other seats than were booked":             {[]*call{has(60, 61, 1, listBookings, 1, []possession{{"b", "e", "s", 1, "CONFIRMED"}})}, true},
		"somebody else's bookings":                 {[]*call{has(60, 61, 1, listBookings, 1, []possession{gone})}, true},
		"a booking that was never made":            {[]*call{has(60, 61, 1, listBookings, 2, []possession{{"b", "e", "s", 2, "CONFIRMED"}, {"x", "e", "s", 1, "CONFIRMED"}})}, true},
		"bookings counted before they were read":   {[]*call{has(45, 61, 1, listBookings, 0, []possession{{"b", "e", "s", 2, "CONFIRMED"}})}, false},
		"more bookings counted than were read":     {[]*call{has(60, 61, 1, listBookings, 2, []possession{{"b", "e", "s", 2, "CONFIRMED"}})}, true},
		"a hold":                                   {[]*call{has(30, 39, 1, listHolds, 1, []possession{kept})}, false},
		"a hold that nobody knew of yet":           {[]*call{has(30, 39, 1, listHolds, 0, []possession{})}, false},
		"no hold where there is one at its node":   {[]*call{has(30, 39, 1, listHolds, 0, []possession{}, after(40))}, true},
		"no hold where its time may be over":       {[]*call{has(30, 1100, 1, listHolds, 0, []possession{}, after(40))}, false},
		"a hold that is paid for, and is not":      {[]*call{has(30, 39, 1, listHolds, 1, []possession{{"h", "e", "s", 2, "PAYING"}})}, true},
		"a hold that has become free":              {[]*call{has(60, 61, 1, listHolds, 1, []possession{kept})}, true},
		"a hold, when its time is over everywhere": {[]*call{has(1100, 1101, 1, listHolds, 1, []possession{kept}, elsewhere)}, true},
	} {
		if found := judged(row.reads...); (len(found) > 0) != row.sinning {
			t.Errorf("%s: %v", name, found)
		}
	}
}

func TestWhatIsFoundOfAReadSaysWhatItIsHeldAgainst(t *testing.T) {
	t.Parallel()
	for want, c := range map[string]*call{
		"older than version 3, which this node had acknowledged":                                  see(21, 22, 2, 1),
		"older than version 3, which was there at the position that it sent":                      see(21, 22, 2, 1, elsewhere, after(30)),
		"as it was at version 2, which is older than version 3, which this node had acknowledged": has(21, 22, 0, listBookings, 1, []possession{{"a", "e", "s", 1, "CONFIRMED"}}),
		"as it was at version 6, which was asked for later":                                       has(21, 22, 1, listBookings, 1, []possession{{"b", "e", "s", 2, "CONFIRMED"}}),
		"bookings with position 20 → acknowledged [confirmed …x of 9]":                            has(21, 22, 1, listBookings, 1, []possession{{"x", "e", "s", 9, "CONFIRMED"}}, after(20)),
		"[version 9, left [1]]": see(21, 22, 9, 1),
	} {
		if found := judged(c); len(found) != 1 || !strings.Contains(found[0].What, want) {
			t.Errorf("%v, want %q", found, want)
		}
	}
}

func TestAListShowsAllEventsAsTheyWereAtOnePosition(t *testing.T) {
	t.Parallel()
	events := []*event{{index: 0, id: "e"}, {index: 1, id: "f"}}
	logs := [][]record{
		{{version: 1, position: 1}, {version: 2, position: 3}, {version: 3, position: 6}},
		{{version: 1, position: 2}, {version: 2, position: 5}},
	}
	for versions, right := range map[[2]int64]bool{
		{1, 1}: true, {2, 1}: true, {2, 2}: true, {3, 2}: true,
		{1, 2}: false, {3, 1}: false,
	} {
		c := tell(0, 1, 0, listEvents)
		c.Answer.Total = 2
		c.Answer.Events = []listing{{ID: "e", Version: versions[0]}, {ID: "f", Version: versions[1]}}
		if found := checkLists([]*call{c}, events, logs); (len(found) == 0) != right {
			t.Errorf("%v: %v", versions, found)
		}
		c.Answer.Total = 1
		if found := checkLists([]*call{c}, events, logs); len(found) == 0 {
			t.Errorf("%v: one event counted for two", versions)
		}
	}
}
