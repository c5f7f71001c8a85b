package rest

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
	"onsale/query"
)

// A teller says in plain words what happened to an event's sale.
type teller struct{ event query.Event }

// tell returns one sentence without names of people, and when it happened.
func (t teller) tell(happened sale.Event) (summary string, at time.Time) {
	switch e := happened.(type) {
	case sale.Opened:
		return t.opened(e), e.At
	case sale.SeatsHeld:
		if e.Paying {
			return fmt.Sprintf("%s held while the buyer pays %s", t.seats(e.Seats), t.amount(e.Amount)), e.At
		}
		return fmt.Sprintf("%s held until %s", t.seats(e.Seats), clock(e.ExpiresAt)), e.At
	case sale.PaymentStarted:
		return "Payment for held seats begun, to be done by " + clock(e.ExpiresAt), e.At
	case sale.PaymentFailed:
		return "Payment failed, the seats stay held until " + clock(e.ExpiresAt), e.At
	case sale.HoldReleased:
		if e.PaymentFailed {
			return fmt.Sprintf("Payment failed, %s on sale again", t.seats(e.Seats)), e.At
		}
		return fmt.Sprintf("Hold given back, %s on sale again", t.seats(e.Seats)), e.At
	case sale.HoldExpired:
		return fmt.Sprintf("Hold ran out, %s on sale again", t.seats(e.Seats)), e.At
	case sale.BookingConfirmed:
		return fmt.Sprintf("%s booked for %s", t.seats(e.Seats), t.amount(e.Amount)), e.At
	case sale.BookingCancelled:
		by := "the buyer"
		if e.By != e.Buyer {
			by = staff(e.By)
		}
		return fmt.Sprintf("Booking of %s for %s cancelled by %s%s", t.seats(e.Seats), t.amount(e.Amount), by, because(e.Reason)), e.At
	case sale.SaleClosed:
		return "Sales closed by " + staff(e.By) + because(e.Reason), e.At
	default: // known to the sale, and new: its type says it
		return happened.EventType(), time.Time{}
	}
}

func (t teller) opened(e sale.Opened) string {
	if len(e.Sections) == 1 {
		s := e.Sections[0]
		return fmt.Sprintf("Put on sale with %s in %s at %s each", count(s.OnSale), s.Name, t.amount(s.Price))
	}
	seats := 0
	for _, s := range e.Sections {
		seats += s.OnSale
	}
	return fmt.Sprintf("Put on sale with %s in %d sections", count(seats), len(e.Sections))
}

func (t teller) seats(s sale.Seats) string {
	i := slices.IndexFunc(t.event.Sections, func(section query.Section) bool { return section.ID == s.Section })
	if i < 0 {
		return count(s.Quantity)
	}
	return count(s.Quantity) + " in " + t.event.Sections[i].Name
}

func (t teller) amount(minor int64) string {
	return string(money(minor, t.event.Currency)) + " " + t.event.Currency
}

func staff(user uuid.UUID) string {
	if user == uuid.Nil {
		return "the operator"
	}
	return "an admin"
}

func because(reason string) string {
	if reason == "" {
		return ""
	}
	return ": " + reason
}

func count(seats int) string {
	if seats == 1 {
		return "1 seat"
	}
	return fmt.Sprintf("%d seats", seats)
}

func clock(t time.Time) string { return t.UTC().Format("15:04:05 UTC") }
