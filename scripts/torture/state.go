package main

import (
	"hash/maphash"
	"slices"
	"time"
)

// A state is one sale as the model has it. It is never changed: what follows it shares what stayed the same.
type state struct {
	version int64
	free    []int // seats left, by section
	buyers  []*buyer
}

// A buyer is what one buyer has of the sale: the newest claim last, and no other of them is live.
type buyer struct {
	claims []claim
	hash   uint64
}

// A claim is a hold or booking.
type claim struct {
	made    int    // the step that took its seats
	id      string // empty: nobody has been told yet
	section int
	qty     int
	key     string
	what    string // book or hold
	status  status
	payer   int // the step that began its payment; 0: none
	// When it runs out, at the earliest and at the latest.
	early, late time.Duration
	// What was told when it became a booking.
	version   int64
	remaining int
}

type status uint8

const (
	held status = iota + 1
	paying
	booked
	cancelled
	ended // given back, or run out
)

func (c *claim) pending() bool { return c.status == held || c.status == paying }
func (c *claim) live() bool    { return c.pending() || c.status == booked }

// mayBeDue and isDue say whether its time is over for one who decides when the clock shows low to high.
func (c *claim) mayBeDue(s *step) bool { return c.pending() && s.high >= c.early }
func (c *claim) isDue(s *step) bool    { return c.pending() && s.low >= c.late }

// is reports whether the claim may be the one with this id.
func (c *claim) is(id string) bool { return c.id == id || c.id == "" }

func opened(seats []int, buyers int) *state {
	s := &state{version: 1, free: slices.Clone(seats), buyers: make([]*buyer, buyers)}
	for i := range s.buyers {
		s.buyers[i] = &buyer{}
	}
	return s
}

func (s *state) remaining() int {
	n := 0
	for _, free := range s.free {
		n += free
	}
	return n
}

// newest is the buyer's newest claim, or nil.
func (s *state) newest(b int) *claim {
	claims := s.buyers[b].claims
	if len(claims) == 0 {
		return nil
	}
	return &claims[len(claims)-1]
}

// find returns the place of the first claim that fits among the buyer's, -1 for none.
func (s *state) find(b int, fits func(*claim) bool) int {
	claims := s.buyers[b].claims
	for i := len(claims) - 1; i >= 0; i-- {
		if fits(&claims[i]) {
			return i
		}
	}
	return -1
}

func withID(id string) func(*claim) bool { return func(c *claim) bool { return c.id == id } }

// with returns the state in which the buyer's claim at i is another; at the end, it is one more. events is how many the
// log has more, and back how many seats of the claim's section are free again.
func (s *state) with(b, i int, c claim, events int64, back int) *state {
	next := &state{version: s.version + events, free: s.free, buyers: slices.Clone(s.buyers)}
	claims := slices.Clone(s.buyers[b].claims)
	if i == len(claims) {
		claims = append(claims, c)
	} else {
		claims[i] = c
	}
	next.buyers[b] = &buyer{claims: claims, hash: digest(claims)}
	if back != 0 {
		next.free = slices.Clone(s.free)
		next.free[c.section] += back
	}
	return next
}

var seed = maphash.MakeSeed()

func digest(claims []claim) uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	for i := range claims {
		maphash.WriteComparable(&h, claims[i])
	}
	return h.Sum64()
}

func (s *state) hash() uint64 {
	var h maphash.Hash
	h.SetSeed(seed)
	maphash.WriteComparable(&h, s.version)
	for _, free := range s.free {
		maphash.WriteComparable(&h, free)
	}
	for _, b := range s.buyers {
		maphash.WriteComparable(&h, b.hash)
	}
	return h.Sum64()
}

func (s *state) equal(t *state) bool {
	return s.version == t.version && slices.Equal(s.free, t.free) && slices.EqualFunc(s.buyers, t.buyers, func(a, b *buyer) bool {
		return a == b || a.hash == b.hash && slices.Equal(a.claims, b.claims)
	})
}
