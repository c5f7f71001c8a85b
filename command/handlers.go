// Package command is the write side: one file per command, with its request and its handler, and the [Writer] that all of
// them go through.
//
// A handler reads the clock, makes the ids, and asks the writer to decide; where money is due it pays between taking the
// seats and confirming the booking, outside of everything that others could wait for. A command that has begun is
// finished, even when the one who gave it hangs up.
package command

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"

	"onsale/command/sale"
	"onsale/eventstore"
)

// Handlers carries out commands. Its methods are safe for concurrent use; their errors are those of package sale, of the
// [Writer], and [ErrPaymentDeclined].
type Handlers struct {
	writer  *Writer
	lookup  Lookup
	options Options
	metrics *salesMetrics
}

// Lookup finds what a command recorded; see [eventstore.Store].
type Lookup interface {
	ByCommand(ctx context.Context, commands ...uuid.UUID) ([]eventstore.RecordedEvent, error)
}

// Options says how commands are carried out.
type Options struct {
	// Payments takes the money between holding the seats and confirming the booking. nil means that nothing has to be
	// paid: a booking is one event in one append.
	Payments Payments
	// PaymentTimeout is how long a payment may take; the seats of one that never came back are free again a minute after.
	// 0 means 30 s.
	PaymentTimeout time.Duration
	// HoldTTL is how long a hold lasts. 0 means 10 min.
	HoldTTL time.Duration
	// Clock tells the time; nil means time.Now.
	Clock func() time.Time
	// Log hears of refunds, and of payments that somebody has to settle by hand. nil means slog.Default.
	Log *slog.Logger
	// Metrics is where counts of bookings and payments are registered. nil: nowhere.
	Metrics prometheus.Registerer
}

// paymentGrace is how long seats stay taken after the time to pay for them is over, so that the clocks of two nodes may
// differ without making a refund of a payment that was in time.
const paymentGrace = time.Minute

// NewHandlers returns handlers on the writer, whose store lookup reads.
func NewHandlers(writer *Writer, lookup Lookup, options Options) *Handlers {
	options.PaymentTimeout = cmp.Or(options.PaymentTimeout, 30*time.Second)
	options.HoldTTL = cmp.Or(options.HoldTTL, 10*time.Minute)
	if options.Clock == nil {
		options.Clock = time.Now
	}
	if options.Log == nil {
		options.Log = slog.Default()
	}
	return &Handlers{writer: writer, lookup: lookup, options: options, metrics: newSalesMetrics(options.Metrics)}
}

// A Receipt is the answer to a command.
type Receipt struct {
	// Position is the place in the log that has everything the receipt tells of.
	Position int64
	// Claim is the hold or booking the command was about; zero when there is none.
	Claim sale.Claim
	// Event is the sale after the command; of a booking, Remaining and Version are what they were when it was confirmed.
	Event sale.Summary
	// Replayed says that the same request had been carried out before, and that this is its answer again.
	Replayed bool
}

// receipt is what is told of an outcome: beside an error its position only.
func receipt(o Outcome, err error) (Receipt, error) {
	if err != nil {
		return Receipt{Position: o.Position}, err
	}
	return Receipt{Position: o.Position, Claim: o.Claim, Event: o.Sale, Replayed: !o.Changed}, nil
}

// now is the time with the precision that the log keeps.
func (h *Handlers) now() time.Time { return h.options.Clock().UTC().Truncate(time.Microsecond) }

// by is the metadata of a new command of the given user.
func by(command, user uuid.UUID, correlation string) eventstore.Metadata {
	return eventstore.Metadata{CommandID: command, UserID: user, CorrelationID: correlation}
}

// newID makes the id of a command, and of what it makes: a hold or booking has the id of its command, so that the log
// itself tells which sale it is in.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// saleOf finds the sale in which a hold or booking is.
func (h *Handlers) saleOf(ctx context.Context, claim uuid.UUID, missing error) (uuid.UUID, error) {
	recorded, err := h.lookup.ByCommand(ctx, claim)
	switch {
	case err != nil:
		return uuid.Nil, errors.Join(ErrUnavailable, err)
	case len(recorded) == 0:
		return uuid.Nil, missing
	}
	return recorded[0].Stream, nil
}
