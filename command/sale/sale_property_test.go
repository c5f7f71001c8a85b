package sale

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"
)

// Whatever commands come in whatever order, at times that also run backwards: the rules hold after every event.
func TestRulesHoldWhateverComes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w := newWorld(t)
		for range rapid.IntRange(1, 60).Draw(t, "commands") {
			w.carryOut(t, w.draw(t))
			switch rapid.IntRange(0, 9).Draw(t, "append") {
			case 0, 1, 2:
				w.commit(t)
			case 3:
				w.lose(t)
			}
		}
		w.commit(t)
		w.replay(t)
		w.restore(t)
	})
}

// A world has one sale, as a writer has it: a base, which is what the log says, and a fork, which is ahead of it.
type world struct {
	base, fork *Sale
	baseView   saleView // the base when it was forked

	log, pending []Event // what made the base, and what the fork has beyond it
	rules        *rules  // of the fork

	now  time.Time
	made int         // how many ids
	ids  []uuid.UUID // of the claims there are or might be
}

func newWorld(t *rapid.T) *world {
	w := &world{base: saleOf(), now: now, ids: []uuid.UUID{id("a claim there is not")}}
	w.fork, w.baseView, w.rules = w.base.Fork(), view(w.base), &rules{}
	c := Open{Organizer: organizer, Title: "Concert", Currency: "EUR", At: now}
	if rapid.Bool().Draw(t, "dated") {
		c.StartsAt = now.Add(seconds(t, "start", 1, 300))
	}
	for i := range rapid.IntRange(1, 3).Draw(t, "sections") {
		name := fmt.Sprint("section ", i)
		seats := rapid.IntRange(0, 15).Draw(t, "seats")
		c.Sections = append(c.Sections, OpenSection{ID: id(name), Name: name, Price: int64(i * 100), Capacity: 15, OnSale: seats})
	}
	w.carryOut(t, c)
	return w
}

func seconds(t *rapid.T, label string, least, most int) time.Duration {
	return time.Duration(rapid.IntRange(least, most).Draw(t, label)) * time.Second
}

// draw makes up the next command. Few buyers, few seats and few keys make them meet.
func (w *world) draw(t *rapid.T) Command {
	w.now = w.now.Add(seconds(t, "time passes", -3, 12))
	until := w.now.Add(seconds(t, "lasts", 1, 30))
	someone := rapid.SampledFrom([]uuid.UUID{alice, bob, carol, dave}).Draw(t, "buyer")
	claim := rapid.SampledFrom(w.ids).Draw(t, "claim")
	owner := someone
	if c, ok := w.fork.Claim(claim); ok && rapid.IntRange(0, 9).Draw(t, "owner") > 0 {
		owner = c.Buyer
	}
	if rapid.IntRange(0, 39).Draw(t, "close") == 0 {
		return Close{User: someone, Reason: rapid.SampledFrom([]string{"", "The hall is flooded"}).Draw(t, "reason"), At: w.now}
	}
	switch rapid.IntRange(0, 9).Draw(t, "command") {
	case 0, 1:
		return Book{w.order(t, someone)}
	case 2, 3:
		return Hold{Order: w.order(t, someone), ExpiresAt: until, Paying: rapid.Bool().Draw(t, "paying")}
	case 4:
		return StartPayment{Hold: claim, Buyer: owner, At: w.now, ExpiresAt: until}
	case 5:
		return Confirm{Hold: claim, Buyer: owner, At: w.now}
	case 6:
		return FailPayment{Hold: claim, Buyer: owner, At: w.now}
	case 7:
		return Release{Hold: claim, Buyer: owner, At: w.now}
	case 8:
		return Cancel{Booking: claim, User: owner, Admin: rapid.Bool().Draw(t, "admin"), At: w.now}
	default:
		return ExpireHolds{At: w.now, Limit: rapid.IntRange(0, 3).Draw(t, "limit")}
	}
}

func (w *world) order(t *rapid.T, buyer uuid.UUID) Order {
	sections := w.fork.Sections
	o := Order{
		ID: id(fmt.Sprint("claim ", w.made)), Buyer: buyer, At: w.now,
		Section:  sections[rapid.IntRange(0, len(sections)-1).Draw(t, "section")].ID,
		Quantity: rapid.IntRange(1, 10).Draw(t, "quantity"),
	}
	if rapid.IntRange(0, 9).Draw(t, "an id again") == 0 {
		o.ID = rapid.SampledFrom(w.ids).Draw(t, "id")
	} else {
		w.made++
		w.ids = append(w.ids, o.ID)
	}
	if key := rapid.SampledFrom([]string{"", "", "k", "l"}).Draw(t, "key"); key != "" {
		o.Idempotency = Idempotency{Key: key, Fingerprint: fmt.Sprint(o.Quantity)}
	}
	return o
}

// carryOut decides a command and evolves the fork.
func (w *world) carryOut(t *rapid.T, c Command) {
	before := view(w.fork)
	events, err := Decide(w.fork, c)
	w.same(t, "deciding changed the sale", before, view(w.fork))
	if err != nil && events != nil {
		t.Fatalf("%T was refused with %v and led to %v", c, err, events)
	}
	if order, ordered := ordered(c); ordered && err != nil {
		w.must(t, w.rules.refused(order, err))
	}
	for _, e := range events {
		w.must(t, w.rules.apply(e))
		w.fork.Evolve(e)
		w.must(t, w.rules.agree(w.fork))
	}
	w.pending = append(w.pending, events...)
	if order, ordered := ordered(c); ordered && err == nil {
		got := Subject(w.fork, c)
		repeated := len(events) == 0 && order.Idempotency.Key != "" && got.Idempotency == order.Idempotency
		if got.Buyer != order.Buyer || got.ID != order.ID && !repeated {
			t.Fatalf("%+v is about %+v", order, got)
		}
	}
}

func ordered(c Command) (Order, bool) {
	switch c := c.(type) {
	case Book:
		return c.Order, true
	case Hold:
		return c.Order, true
	}
	return Order{}, false
}

// commit is what follows an append: the base evolves directly, and equals the fork.
func (w *world) commit(t *rapid.T) {
	w.same(t, "the fork changed its base", w.baseView, view(w.base))
	for _, e := range w.pending {
		w.base.Evolve(e)
	}
	w.same(t, "the fork is not what its base became", view(w.base), view(w.fork))
	w.log, w.pending = append(w.log, w.pending...), nil
	w.fork, w.baseView = w.base.Fork(), view(w.base)
}

// lose is what follows a conflict: what the fork had beyond the base never happened.
func (w *world) lose(t *rapid.T) {
	if len(w.log) == 0 {
		return
	}
	w.same(t, "the fork changed its base", w.baseView, view(w.base))
	w.fork, w.pending, w.rules = w.base.Fork(), nil, &rules{}
	for _, e := range w.log {
		w.must(t, w.rules.apply(e))
	}
	w.must(t, w.rules.agree(w.fork))
}

// replay builds the sale again from what is stored.
func (w *world) replay(t *rapid.T) {
	again := saleOf()
	for _, e := range w.log {
		again.Evolve(recoded(t, e))
	}
	w.same(t, "the replay differs", view(w.base), view(again))
}

// restore builds it from a snapshot taken at some time, and what followed; and once more from a snapshot of that.
func (w *world) restore(t *rapid.T) {
	taken := rapid.IntRange(1, len(w.log)).Draw(t, "snapshot after")
	snapshot, err := saleOf(w.log[:taken]...).Snapshot()()
	w.must(t, err)
	restored, err := Restore(snapshot)
	w.must(t, err)
	w.same(t, "the snapshot differs", view(saleOf(w.log[:taken]...)), view(restored))
	fork := restored.Fork()
	for _, e := range w.log[taken:] {
		fork.Evolve(recoded(t, e))
	}
	w.same(t, "the fork changed the sale", view(saleOf(w.log[:taken]...)), view(restored))
	w.same(t, "the fork after the snapshot differs", view(w.base), view(fork))
	for _, e := range w.log[taken:] {
		restored.Evolve(recoded(t, e))
	}
	w.same(t, "the sale after the snapshot differs", view(w.base), view(restored))
	snapshot, err = restored.Snapshot()()
	w.must(t, err)
	again, err := Restore(snapshot)
	w.must(t, err)
	w.same(t, "the snapshot after the snapshot differs", view(w.base), view(again))
}

func recoded(t *rapid.T, e Event) Event {
	data, err := Encode(e)
	if err != nil {
		t.Fatal(err)
	}
	decoded, err := Decode(e.EventType(), EventSchema, data)
	if err != nil {
		t.Fatal(err)
	}
	return decoded
}

func (w *world) must(t *rapid.T, err error) {
	if err != nil {
		t.Fatalf("%v\nafter %+v\nand %+v", err, w.log, w.pending)
	}
}

func (w *world) same(t *rapid.T, complaint string, want, got saleView) {
	if diff := want.diff(got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", complaint, diff)
	}
}
