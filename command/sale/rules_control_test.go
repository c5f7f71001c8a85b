package sale

import (
	"testing"
	"time"
)

// The negative control of the property test: histories and sales that break a rule are noticed.
func TestRulesNoticeWhatBreaksThem(t *testing.T) {
	t.Parallel()
	a, b := order("a", alice, 2), order("b", bob, 2)
	foreign := confirmed(a, now)
	foreign.Buyer = bob
	more := confirmed(a, now)
	more.Quantity++
	dear := booked(a)
	dear.Amount++
	for name, history := range map[string][]Event{
		"oversold":                         {onlyVIP(3), booked(a), booked(b)},
		"held beyond what there is":        {onlyVIP(3), booked(a), held(b, later)},
		"two claims of one buyer":          {opened, booked(a), held(order("a2", alice, 1), later)},
		"an id used twice":                 {opened, booked(a), cancelled(a, alice, now), booked(a)},
		"eleven seats":                     {onlyVIP(20), booked(order("a", alice, 11))},
		"the wrong amount":                 {opened, dear},
		"sold after the start":             {opened, booked(a.at(doors))},
		"an unpaid hold sold then":         {opened, held(a, doors.Add(1)), confirmed(a, doors)},
		"an unpaid hold sold when due":     {opened, held(a, now), confirmed(a, now)},
		"paid for when due":                {opened, held(a, now), paymentStarted(a, later, now)},
		"paid for twice":                   {opened, heldPaying(a, later), paymentStarted(a, later, now)},
		"more time than a hold had":        {opened, held(a, soon), paymentStarted(a, soon, now), paymentFailed(a, later, now)},
		"expired before its time":          {opened, held(a, soon), expired(a, now)},
		"expired twice":                    {opened, held(a, now), expired(a, now), expired(a, now)},
		"confirmed after it expired":       {opened, heldPaying(a, now), expired(a, now), confirmed(a, now)},
		"confirmed for somebody else":      {opened, heldPaying(a, later), foreign},
		"confirmed with more seats":        {opened, heldPaying(a, later), more},
		"released while it was paid for":   {opened, heldPaying(a, later), released(a, now)},
		"a hold that was cancelled":        {opened, held(a, later), cancelled(a, alice, now)},
		"cancelled twice":                  {opened, booked(a), cancelled(a, alice, now), cancelled(a, alice, now)},
		"cancelled after the start":        {opened, booked(a), cancelled(a, alice, doors)},
		"opened twice":                     {opened, opened},
		"closed twice":                     {opened, closed, closed},
		"closed for no reason":             {opened, SaleClosed{At: now}},
		"sold after the close":             {opened, closed, booked(a)},
		"held after the close":             {opened, closed, held(a, later)},
		"paid for after the close":         {opened, held(a, later), closed, paymentStarted(a, later, now)},
		"an unpaid hold sold after that":   {opened, held(a, later), closed, confirmed(a, now)},
		"an event that nobody knows about": {opened, nobodysEvent{}},
	} {
		t.Run(name, func(t *testing.T) {
			r := rules{}
			var err error
			for _, e := range history {
				if err != nil {
					t.Fatalf("noticed too early: %v", err)
				}
				err = r.apply(e)
			}
			if err == nil {
				t.Error("not noticed")
			}
		})
	}
}

type nobodysEvent struct{}

func (nobodysEvent) EventType() string { return "nothing.happened.v1" }

func TestRulesNoticeASaleThatDisagrees(t *testing.T) {
	t.Parallel()
	a := order("a", alice, 2)
	for name, breaks := range map[string]func(*Sale){
		"nothing at all":                     func(s *Sale) { s.Evolve(expired(a, now)) },
		"a hold expired, its seats did not":  func(s *Sale) { s.change(a.ID, func(c *Claim) { c.Status = Expired }) },
		"seats came back, their hold stayed": func(s *Sale) { s.give(a.taken(), -2, 0) },
		"seats came back twice": func(s *Sale) {
			s.Evolve(expired(a, now))
			s.give(a.taken(), -2, 0)
		},
		"held seats were counted as booked": func(s *Sale) { s.Evolve(expired(a, now)); s.give(a.taken(), -2, 2) },
		"the sale closed by itself":         func(s *Sale) { s.Evolve(expired(a, now)); s.Closed = true },
		"a seat appeared":                   func(s *Sale) { s.Evolve(expired(a, now)); s.Sections[0].Remaining++ },
		"the claim lost a seat": func(s *Sale) {
			s.Evolve(expired(a, now))
			s.change(a.ID, func(c *Claim) { c.Quantity-- })
		},
	} {
		t.Run(name, func(t *testing.T) {
			history := []Event{opened, held(a, now), expired(a, now)}
			r, s := rules{}, saleOf(history[:2]...)
			for _, e := range history {
				if err := r.apply(e); err != nil {
					t.Fatal(err)
				}
			}
			breaks(s)
			if err := r.agree(s); (err == nil) != (name == "nothing at all") {
				t.Errorf("the rules say %v", err)
			}
		})
	}
}

func TestRulesNoticeARefusalThatIsNotTrue(t *testing.T) {
	t.Parallel()
	a, o := order("a", alice, 2), order("d", dave, 3).at(now)
	history := []Event{onlyVIP(4), held(a, now)}
	for name, row := range map[string]struct {
		order Order
		err   error
	}{
		"sold out with free seats":              {o, &Refusal{Reason: ErrSoldOut, Version: 2}},
		"not enough where there are enough":     {o, &Refusal{Reason: ErrNotEnoughTickets, Remaining: 2, Version: 2}},
		"not enough, with the wrong number":     {order("d", dave, 5).at(before), &Refusal{Reason: ErrNotEnoughTickets, Remaining: 4, Version: 2}},
		"not enough, at another version":        {order("d", dave, 5).at(before), &Refusal{Reason: ErrNotEnoughTickets, Remaining: 2, Version: 1}},
		"booked already by a buyer with a hold": {order("a2", alice, 1), &Refusal{Reason: ErrAlreadyBooked}},
		"holding already by a buyer with none":  {o, &Refusal{Reason: ErrAlreadyHolding}},
		"started too early":                     {o.at(doors.Add(-time.Second)), ErrStarted},
		"closed while it is open":               {o, ErrClosed},
		"a key used again without a key":        {o, ErrKeyReused},
		"a reason no order has":                 {o, ErrNotYours},
	} {
		t.Run(name, func(t *testing.T) {
			r := rules{}
			for _, e := range history {
				if err := r.apply(e); err != nil {
					t.Fatal(err)
				}
			}
			if r.refused(row.order, row.err) == nil {
				t.Error("not noticed")
			}
		})
	}
}
