package sale

import (
	"errors"
	"fmt"
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

func TestAClaimOfASectionThereIsNotHasNoSnapshot(t *testing.T) {
	t.Parallel()
	if snapshot, err := saleOf(onlyVIP(4), booked(order("a", alice, 2).in(floor))).Snapshot()(); !errors.Is(err, errSection) {
		t.Errorf("snapshot of %d bytes, %v", len(snapshot), err)
	}
}

// A program would misread the snapshots of another whose encoding differs under the same schema.
func TestANewEncodingHasANewSchema(t *testing.T) {
	t.Parallel()
	const schema, digest = 4, "5f8f1be0ed0e684f" // both are new, or neither, unless it is lively that is new
	if got := Fingerprint(string(snapshotOf(t, lively()))); SnapshotSchema != schema || got != digest {
		t.Errorf("schema %d with a digest of %s, want %d with %s", SnapshotSchema, got, schema, digest)
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
