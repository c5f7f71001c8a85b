package sale

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"runtime"
	"testing"
	"time"
)

// lively is a sale with a claim in every state.
func lively() *Sale {
	paid, failed := order("paying", id("p"), 1), order("failed", id("f"), 1)
	return saleOf(
		openedWith(section(vip, 20), section(floor, 10)),
		booked(order("booked", id("b"), 2).keyed("a key", "a fingerprint")),
		booked(order("cancelled", id("c"), 3)), cancelled(order("cancelled", id("c"), 3), id("c"), now),
		booked(order("booked again", id("c"), 4)),
		held(order("held", id("h"), 5).in(floor), later),
		held(order("released", id("r"), 1), later), released(order("released", id("r"), 1), now),
		held(order("expired", id("e"), 1), before), expired(order("expired", id("e"), 1), now),
		held(paid, later), paymentStarted(paid, soon, before),
		held(failed, later), paymentStarted(failed, soon, before), paymentFailed(failed, later, now),
		heldPaying(order("direct", id("d"), 1), soon),
		heldPaying(order("confirmed", id("o"), 1), soon), confirmed(order("confirmed", id("o"), 1), now),
	)
}

func snapshotOf(tb testing.TB, s *Sale) []byte {
	tb.Helper()
	snapshot, err := s.Snapshot()()
	if err != nil {
		tb.Fatal(err)
	}
	return snapshot
}

func TestASnapshotHasTheWholeSale(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*Sale{
		"with a claim in every state": lively(),
		"without claims":              saleOf(opened),
		"with a time zone":            saleOf(Opened{Title: "x", TimeZone: "Asia/Tokyo", Sections: []OpenedSection{section(vip, 1)}, At: now}),
		"closed":                      saleOf(opened, closed),
		"without a date":              saleOf(Opened{Title: "x", Sections: []OpenedSection{section(vip, 1)}, At: now}),
	} {
		restored, err := Restore(snapshotOf(t, s))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := view(s).diff(view(restored)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestAForkHasNoSnapshot(t *testing.T) {
	t.Parallel()
	if snapshot, err := lively().Fork().Snapshot()(); err == nil {
		t.Errorf("snapshot of %d bytes", len(snapshot))
	}
}

func TestRestoreRefusesADamagedSnapshot(t *testing.T) {
	t.Parallel()
	whole := snapshotOf(t, lively())
	for length := range whole {
		if _, err := Restore(whole[:length]); err == nil {
			t.Errorf("restored from %d bytes of %d", length, len(whole))
		}
	}
	// The claims below are of a sale with one, the last thing in its snapshot.
	s := saleOf(onlyVIP(4), booked(order("a", alice, 2)))
	one := snapshotOf(t, s)
	claim := len(one) - len(s.claims.own[id("a")].append(nil))
	status, quantity := claim+4*16, claim+4*16+1
	changed := func(at int, to byte) []byte { b := bytes.Clone(one); b[at] = to; return b }
	// another is a second claim of the same buyer that follows the first, or whichever is given.
	another := func(follows []byte) []byte {
		b := bytes.Clone(one[claim:])
		b[0]++
		copy(b[3*16:], follows)
		return b
	}
	first := one[claim : claim+16]
	inACircle := append(changed(claim-1, 2), another(first)...)
	copy(inACircle[claim+3*16:], another(nil)[:16])
	for name, damaged := range map[string][]byte{
		"two latest of one buyer":   append(changed(claim-1, 2), another(nil)...),
		"claims in a circle":        inACircle,
		"something follows":         append(bytes.Clone(one), 0),
		"a status there is not":     changed(status, byte(Expired)+1),
		"no status":                 changed(status, 0),
		"no seats":                  changed(quantity, 0),
		"more seats than there are": changed(quantity, 5),
		"a section there is not":    changed(claim+2*16, one[claim+2*16]+1),
		"fewer claims than said":    changed(claim-1, 2),
		"more claims than said":     changed(claim-1, 0),
		"a claim twice":             append(changed(claim-1, 2), one[claim:]...),
		"no description":            {1, '{'},
	} {
		if restored, err := Restore(damaged); err == nil {
			t.Errorf("%s: restored %+v", name, restored)
		}
	}
	for name, whole := range map[string][]byte{"one claim": one, "one after the other": append(changed(claim-1, 2), another(first)...)} {
		if _, err := Restore(whole); err != nil {
			t.Errorf("%s: not damaged: %v", name, err)
		}
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
		"as many claims as could be":    filled(claimLeast<<10, 1<<10),
		"a key without end":             append(many(1), append(make([]byte, 4*16+2+8), 0xff, 0xff, 0xff, 0xff, 0x7f)...),
		"a count that is no number":     append(bytes.Clone(head), bytes.Repeat([]byte{0xff}, 20)...),
		"a sale that is what it claims": snapshotOf(tb, lively()),
	}
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

// large is a sale with n bookings under keys, as a writer has it after a busy morning.
func large(tb testing.TB, n int) *Sale {
	tb.Helper()
	s := saleOf(openedWith(section(vip, n/2), section(floor, 1_000_000)))
	for i := range n {
		e := booked(order(fmt.Sprint("booking ", i), id(fmt.Sprint("buyer ", i)), 1).in(floor).at(now.Add(time.Duration(i))))
		e.Idempotency = Idempotency{Key: e.Booking.String(), Fingerprint: Fingerprint("x")}
		s.Evolve(e)
	}
	return s
}
