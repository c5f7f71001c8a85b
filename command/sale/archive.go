package sale

import (
	"encoding/binary"
	"hash/maphash"
	"math/bits"

	"github.com/google/uuid"
)

// An archive is the claims of a snapshot as the snapshot has them: a sale that is loaded decodes a claim when it is asked for,
// which most never are. They are numbered 0, 1, 2, … in the order in which they were made.
//
// An archive that is complete never changes, so forks and encoders may share it.
type archive struct {
	snapshot []byte
	starts   []uint32 // where in the snapshot each claim begins, and then where the last one ends
	sections []uuid.UUID
	ids      index
	buyers   index // of each buyer, the newest claim
}

// index makes the claims findable, and reports whether they are what a sale has: each with an id of its own, and following the
// one that was its buyer's newest. It waits for memory most of the time, and less in two loops than in one.
func (a *archive) index() bool {
	seed := maphash.MakeSeed()
	a.ids, a.buyers = newIndex(seed, atID, a.len()), newIndex(seed, atBuyer, a.len())
	for i := range a.len() {
		if _, twice := a.ids.put(a, a.key(i, atID), i); twice {
			return false
		}
	}
	for i := range a.len() {
		before, follows := a.buyers.put(a, a.key(i, atBuyer), i)
		if follows != a.follows(i) || follows && a.key(i, atPrevious) != a.key(before, atID) {
			return false
		}
	}
	return true
}

// len is how many claims there are; 0 of none.
func (a *archive) len() int {
	if a == nil {
		return 0
	}
	return len(a.starts) - 1
}

// records are the claims from one number up to, and without, another, as they are encoded.
func (a *archive) records(from, to int) []byte { return a.snapshot[a.starts[from]:a.starts[to]] }

func (a *archive) claim(id uuid.UUID) (*Claim, bool) {
	number, ok := a.ids.get(a, id)
	if !ok {
		return nil, false
	}
	c := &Claim{number: uint32(number)}
	r := reader{rest: a.records(number, number+1)}
	r.claim(c, a.sections).setTo(c)
	return c, true
}

// newest is the id of a buyer's newest claim.
func (a *archive) newest(buyer uuid.UUID) (id uuid.UUID, ok bool) {
	number, ok := a.buyers.get(a, buyer)
	if !ok {
		return uuid.Nil, false
	}
	return a.key(number, atID), true
}

// follows reports whether a claim has one before it.
func (a *archive) follows(number int) bool {
	return binary.LittleEndian.Uint16(a.at(number, atParts))&hasPrevious != 0
}

// key is the id that a claim has at a place of its record.
func (a *archive) key(number, place int) uuid.UUID { return uuid.UUID(a.at(number, place)[:16]) }

func (a *archive) at(number, place int) []byte { return a.snapshot[int(a.starts[number])+place:] }

// An index finds the claims of an archive by their ids or buyers. It is a hash table of numbers, which is filled several times
// as fast as a map: it has no keys, which the archive has already, and no pointers.
type index struct {
	seed  maphash.Seed
	at    int // where in its record a claim has the key
	slots []slot
}

// A slot has the number of a claim, plus 1, and a part of its key's hash, so that other keys are seldom looked at. The zero
// slot is free.
type slot struct{ next, hash uint32 }

func newIndex(seed maphash.Seed, at, claims int) index {
	return index{seed: seed, at: at, slots: make([]slot, 1<<bits.Len(uint(claims+claims/3)))} // three quarters full at most
}

func (x *index) get(a *archive, key uuid.UUID) (number int, ok bool) {
	s, _ := x.find(a, key)
	return int(s.next) - 1, s.next != 0
}

// put gives the key to the claim with the given number, and returns which one had it before.
func (x *index) put(a *archive, key uuid.UUID, number int) (before int, ok bool) {
	s, hash := x.find(a, key)
	before, ok = int(s.next)-1, s.next != 0
	*s = slot{next: uint32(number) + 1, hash: hash}
	return before, ok
}

// find returns the slot that the key has or, if it has none, would get.
func (x *index) find(a *archive, key uuid.UUID) (s *slot, hash uint32) {
	sum := maphash.Bytes(x.seed, key[:])
	hash = uint32(sum >> 32)
	for i := sum; ; i++ {
		s = &x.slots[i&uint64(len(x.slots)-1)]
		if s.next == 0 || s.hash == hash && a.key(int(s.next)-1, x.at) == key {
			return s, hash
		}
	}
}
