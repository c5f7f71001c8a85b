package sale

import (
	"bytes"
	"encoding/binary"
	"runtime"
	"slices"
	"testing"

	"github.com/google/uuid"
)

func TestRestoreRefusesADamagedSnapshot(t *testing.T) {
	t.Parallel()
	whole := snapshotOf(t, lively())
	for length := range whole {
		if _, err := Restore(whole[:length]); err == nil {
			t.Errorf("restored from %d bytes of %d", length, len(whole))
		}
	}
	s := saleOf(onlyVIP(4), booked(order("a", alice, 2)))
	head, _ := splitHead(snapshotOf(t, s))
	first, second, unknown := *s.made[0], *s.made[0], *s.made[0]
	second.ID, second.previous = id("b"), first.ID
	record := func(edit func(*Claim), of Claim) []byte {
		edit(&of)
		b, err := of.append(nil, []uuid.UUID{vip, floor})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	asItIs := func(*Claim) {}
	one, other := record(asItIs, first), record(asItIs, second)
	unknown.previous = uuid.Max
	unknownBit, noPrevious := bytes.Clone(one), bytes.Replace(record(asItIs, unknown), uuid.Max[:], uuid.Nil[:], 1)
	unknownBit[atBuyer+16+1] |= unknownBits >> 8
	snapshot := func(claims uint64, records ...[]byte) []byte {
		return slices.Concat(head, binary.AppendUvarint(nil, claims), slices.Concat(records...))
	}
	for name, damaged := range map[string][]byte{
		"two first claims of one buyer":      snapshot(2, one, record(func(c *Claim) { c.previous = uuid.Nil }, second)),
		"a claim after one there is not":     snapshot(1, other),
		"a claim after another buyer's":      snapshot(2, one, record(func(c *Claim) { c.Buyer = bob }, second)),
		"a claim after one that is not last": snapshot(3, one, other, record(func(c *Claim) { c.ID, c.Status = id("c"), Released }, second)),
		"claims in a circle":                 snapshot(2, record(func(c *Claim) { c.previous = second.ID }, first), other),
		"the later one first":                snapshot(2, other, one),
		"a claim after none, which is said":  snapshot(1, noPrevious),
		"something follows":                  snapshot(1, one, []byte{0}),
		"a status there is not":              snapshot(1, record(func(c *Claim) { c.Status = Expired + 1 }, first)),
		"no status":                          snapshot(1, record(func(c *Claim) { c.Status = 0 }, first)),
		"no seats":                           snapshot(1, record(func(c *Claim) { c.Quantity = 0 }, first)),
		"more seats than there are":          snapshot(1, record(func(c *Claim) { c.Quantity = 5 }, first)),
		"a section there is not":             snapshot(1, record(func(c *Claim) { c.Section = floor }, first)),
		"a part there is not":                snapshot(1, unknownBit),
		"fewer claims than said":             snapshot(2, one),
		"more claims than said":              snapshot(0, one),
		"a claim twice":                      snapshot(2, one, one),
		"a claim of two buyers":              snapshot(2, one, record(func(c *Claim) { c.Buyer = bob }, first)),
		"no description":                     {1, '{'},
	} {
		if restored, err := Restore(damaged); err == nil {
			t.Errorf("%s: restored %+v", name, restored)
		}
	}
	for name, whole := range map[string][]byte{"one claim": snapshot(1, one), "one after the other": snapshot(2, one, other)} {
		if _, err := Restore(whole); err != nil {
			t.Errorf("%s: not damaged: %v", name, err)
		}
	}
}

func TestAClaimIsFoundByItsIDNotByTheHashOfIt(t *testing.T) {
	t.Parallel()
	s, err := Restore(snapshotOf(t, lively()))
	if err != nil {
		t.Fatal(err)
	}
	place, hash := s.archive.ids.find(s.archive, id("nobody's"))
	*place = slot{next: 1, hash: hash} // as if the first claim's id had the same
	if c, found := s.Claim(id("nobody's")); found {
		t.Errorf("found %+v", c)
	}
}

// Not parallel: it counts what is allocated meanwhile.
func TestRestoreAllocatesNoMoreThanTheSnapshotIsWorth(t *testing.T) {
	for name, snapshot := range attacks(t) {
		if got, limit := allocatedBy(func() { _, _ = Restore(snapshot) }), worth(snapshot); got > limit {
			t.Errorf("%s: %d bytes allocated for a snapshot of %d, want at most %d", name, got, len(snapshot), limit)
		}
	}
}

// attacks are snapshots that promise more than they have.
func attacks(tb testing.TB) map[string][]byte {
	head, _ := splitHead(snapshotOf(tb, lively()))
	many := func(n uint64) []byte { return binary.AppendUvarint(bytes.Clone(head), n) }
	filled := func(n int, claimed uint64) []byte {
		return append(many(claimed), bytes.Repeat([]byte{0xff}, n)...)
	}
	return map[string][]byte{
		"a description without end":     append(binary.AppendUvarint(nil, 1<<62), head...),
		"no end of claims":              many(1<<63 - 1),
		"a claim in each byte":          filled(1<<16, 1<<16),
		"as many claims as could be":    filled(recordLeast<<10, 1<<10),
		"a key without end":             keyWithoutEnd(many(1)),
		"a count that is no number":     append(bytes.Clone(head), bytes.Repeat([]byte{0xff}, 20)...),
		"a sale that is what it claims": snapshotOf(tb, lively()),
	}
}

// keyWithoutEnd adds a claim whose key is said to be of gigabytes.
func keyWithoutEnd(snapshot []byte) []byte {
	c := lively().made[0]
	c.Idempotency.Fingerprint = ""
	record, _ := c.append(nil, []uuid.UUID{vip})
	return append(append(snapshot, record[:len(record)-len(c.Idempotency.Key)-2]...), 0xff, 0xff, 0xff, 0xff, 0x7f)
}

// splitHead parts a snapshot where its claims begin.
func splitHead(snapshot []byte) (head, claims []byte) {
	length, n := binary.Uvarint(snapshot)
	return snapshot[:n+int(length)], snapshot[n+int(length):]
}

// worth is what restoring a snapshot may allocate: some multiple of its size, and something to begin with.
func worth(snapshot []byte) uint64 { return 1<<16 + 64*uint64(len(snapshot)) }

func allocatedBy(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// FuzzRestore restores its input, and its input as the claims of a sale. What is restored sold no seat twice, goes on, and has a
// snapshot that is restored to the same.
func FuzzRestore(f *testing.F) {
	head, claims := splitHead(snapshotOf(f, lively()))
	f.Add(claims)
	for _, attack := range attacks(f) {
		f.Add(attack)
		f.Add(attack[len(head):])
	}
	whole := snapshotOf(f, lively())
	for _, n := range []int{0, 1, len(head) - 1, len(head), len(head) + 1, len(whole) / 2, len(whole) - 1} {
		f.Add(whole[:n])
	}
	f.Add(append(bytes.Clone(whole), whole...))
	f.Fuzz(func(t *testing.T, input []byte) {
		restoreAndUse(t, input)
		restoreAndUse(t, append(bytes.Clone(head), input...))
	})
}

func restoreAndUse(t *testing.T, snapshot []byte) {
	var s *Sale
	var err error
	if got, limit := allocatedBy(func() { s, err = Restore(snapshot) }), worth(snapshot); got > limit {
		t.Errorf("%d bytes allocated for a snapshot of %d, want at most %d", got, len(snapshot), limit)
	}
	if err != nil {
		return
	}
	again, err := Restore(snapshotOf(t, s))
	if err != nil {
		t.Fatalf("its own snapshot cannot be restored: %v", err)
	}
	if diff := view(s).diff(view(again)); diff != "" {
		t.Errorf("restored again (-first +again):\n%s", diff)
	}
	for _, section := range s.Sections {
		if section.Remaining < 0 || section.Remaining > section.OnSale {
			t.Errorf("restored with %+v", section)
		}
	}
	for _, c := range []Command{
		Book{order("a", alice, 10).keyed("k", "f")}, Book{Order{ID: id("b"), Buyer: bob, Quantity: 1, At: later}},
		ExpireHolds{At: later.AddDate(1000, 0, 0), Limit: 1000},
	} {
		events, _ := Decide(s, c)
		for _, e := range events {
			s.Evolve(e)
		}
		Subject(s, c)
	}
}
