package rest

import (
	"context"
	"errors"
	"log/slog"
	"net/http"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/gate"
	"onsale/command/identity"
	"onsale/command/sale"
)

// What this package itself refuses a request for.
var (
	errNoRoute          = errors.New("no such path")
	errWrongMethod      = errors.New("method not allowed")
	errTokenMissing     = errors.New("no bearer token")
	errOriginNotAllowed = errors.New("origin not allowed")
	errForbidden        = errors.New("not for this user")
	errRateLimited      = errors.New("rate limit passed")
	errNotCaughtUp      = errors.New("the views are behind")
	errOutOfReach       = errors.New("what is behind is out of reach")
	errPanicked         = errors.New("the handler panicked")

	errBodyTooLarge   = errors.New("body too large")
	errRequestTimeout = errors.New("body too slow")
	errNotJSON        = errors.New("not JSON by its headers")
	errMalformedJSON  = errors.New("malformed JSON")
	errInvalidID      = errors.New("invalid id in the path")
	errInvalidHeader  = errors.New("invalid header")
	errInvalid        = errors.New("invalid fields")
	errVersionMissing = errors.New("no such version")
)

// answer is what a client is told of an error.
type answer struct {
	err    error
	status int
	code   string // never changes its meaning
	title  string
}

// answers is the one table of errors. The first row that errors.Is finds counts; an error in no row is a 500, or
// errOutOfReach.
var answers = []answer{
	{gate.ErrFull, http.StatusServiceUnavailable, "overloaded", "Too busy, try again shortly"}, // first: in a flood, it is most answers

	{sale.ErrSoldOut, http.StatusConflict, "sold_out", "No tickets available"},
	{sale.ErrNotEnoughTickets, http.StatusConflict, "not_enough_tickets", "Not enough tickets available"},
	{sale.ErrAlreadyBooked, http.StatusConflict, "already_booked", "Already booked"},
	{sale.ErrBookingInProgress, http.StatusConflict, "booking_in_progress", "Your earlier request is being paid for"},
	{sale.ErrAlreadyHolding, http.StatusConflict, "already_holding", "You hold seats of this event already"},
	{sale.ErrStarted, http.StatusConflict, "event_started", "The event has started"},
	{sale.ErrClosed, http.StatusConflict, "sale_closed", "Sales have been closed"},
	{sale.ErrAlreadyCancelled, http.StatusConflict, "already_cancelled", "Booking already cancelled"},
	{sale.ErrHoldEnded, http.StatusConflict, "hold_ended", "Hold already ended"},
	{sale.ErrEventNotFound, http.StatusNotFound, "event_not_found", "Event not found"},
	{sale.ErrBookingNotFound, http.StatusNotFound, "booking_not_found", "Booking not found"},
	{sale.ErrHoldNotFound, http.StatusNotFound, "hold_not_found", "Hold not found"},
	{sale.ErrNotYours, http.StatusForbidden, "not_yours", "Belongs to somebody else"},
	{sale.ErrSectionRequired, http.StatusUnprocessableEntity, "section_required", "Choose a section"},
	{sale.ErrUnknownSection, http.StatusUnprocessableEntity, "unknown_section", "The event has no such section"},
	{sale.ErrKeyReused, http.StatusUnprocessableEntity, "key_reused", "Idempotency-Key was used for another request"},

	{command.ErrPaymentDeclined, http.StatusPaymentRequired, "payment_declined", "Payment declined"},
	{command.ErrOverloaded, http.StatusServiceUnavailable, "overloaded", "Too busy, try again shortly"},
	{command.ErrContended, http.StatusServiceUnavailable, "contended", "Too many at once, try again shortly"},
	{command.ErrUnavailable, http.StatusServiceUnavailable, "unavailable", "Not available, try again shortly"},
	{command.ErrStopped, http.StatusServiceUnavailable, "unavailable", "Not available, try again shortly"},
	{command.ErrOutcomeUnknown, http.StatusServiceUnavailable, "outcome_unknown", "Outcome unknown, ask again with the same Idempotency-Key"},

	{errTokenMissing, http.StatusUnauthorized, "token_missing", "Token missing"},
	{identity.ErrTokenExpired, http.StatusUnauthorized, "token_expired", "Token expired"},
	{identity.ErrInvalidToken, http.StatusUnauthorized, "token_invalid", "Token not valid"},
	{identity.ErrUserNotFound, http.StatusUnauthorized, "token_invalid", "Token not valid"},
	{identity.ErrInvalidCredentials, http.StatusUnauthorized, "invalid_credentials", "Invalid credentials"},
	{identity.ErrEmailTaken, http.StatusConflict, "email_taken", "E-mail address already registered"},
	{identity.ErrTooManyAttempts, http.StatusTooManyRequests, "too_many_attempts", "Too many failed log-ins"},
	{identity.ErrBusy, http.StatusServiceUnavailable, "overloaded", "Too busy, try again shortly"},
	{errOriginNotAllowed, http.StatusForbidden, "origin_not_allowed", "Origin not allowed"},
	{errForbidden, http.StatusForbidden, "forbidden", "Not allowed"},

	{errInvalid, http.StatusUnprocessableEntity, "invalid", "Some fields are not valid"},
	{errMalformedJSON, http.StatusBadRequest, "malformed_json", "Not valid JSON"},
	{errInvalidID, http.StatusBadRequest, "invalid_id", "Not a valid id"},
	{errInvalidHeader, http.StatusBadRequest, "invalid_header", "Not a valid header"},
	{errNotJSON, http.StatusUnsupportedMediaType, "unsupported_media_type", "Content-Type must be application/json"},
	{errBodyTooLarge, http.StatusRequestEntityTooLarge, "body_too_large", "Body too large"},
	{errRequestTimeout, http.StatusRequestTimeout, "request_timeout", "The body did not arrive in time"},
	{errNoRoute, http.StatusNotFound, "not_found", "No such path"},
	{errWrongMethod, http.StatusMethodNotAllowed, "method_not_allowed", "Method not allowed"},
	{errVersionMissing, http.StatusNotFound, "version_not_found", "The event has no such version yet"},

	{errRateLimited, http.StatusTooManyRequests, "rate_limited", "Too many requests"},
	{errOutOfReach, http.StatusServiceUnavailable, "unavailable", "Not available, try again shortly"},
	{errNotCaughtUp, http.StatusServiceUnavailable, "not_caught_up", "The views are behind, try again shortly"},
	{context.DeadlineExceeded, http.StatusServiceUnavailable, "timeout", "Took too long, try again shortly"},
}

var internal = answer{status: http.StatusInternalServerError, code: "internal", title: "Internal server error"}

// statusClientGone is what the log says of a request whose client did not wait for the answer.
const statusClientGone = 499

func answerTo(err error) answer {
	for _, known := range answers {
		if errors.Is(err, known.err) {
			return known
		}
	}
	if len(invalidFields(err)) > 0 {
		return answerTo(errInvalid)
	}
	return internal
}

// fail answers the call with what the table says of err; what the table does not know is an outage or a bug. The text of err
// itself goes to the log only, and only where the table does not know it.
func (a *api) fail(c *call, err error) {
	if errors.Is(err, context.Canceled) && c.r.Context().Err() != nil {
		c.status = statusClientGone
		return
	}
	known := answerTo(err)
	switch {
	case known.status != http.StatusInternalServerError:
	case !c.command && a.Unreachable(err):
		known = answerTo(errOutOfReach)
		a.log.LogAttrs(c.r.Context(), slog.LevelWarn, "out of reach", slog.String("id", c.id), slog.Any("error", err))
	case !errors.Is(err, errPanicked): // a panic is in the log already, with its stack
		a.log.LogAttrs(c.r.Context(), slog.LevelError, "internal error", slog.String("id", c.id), slog.Any("error", err))
	}
	c.code = known.code
	if c.status != 0 {
		return // part of an answer is out already
	}
	c.explain(known, err)
	_ = c.encode(known.status, problemType, problemOf(c, known, err))
}

// problemOf is the body of an answer.
func problemOf(c *call, known answer, err error) Problem {
	p := Problem{
		Type: "urn:problem-type:onsale:" + known.code, Title: known.title, Status: known.status, Code: known.code,
		RequestID: c.id, Errors: invalidFields(err),
	}
	addDetails(&p, err)
	return p
}

// explain sets the headers that belong to an answer.
func (c *call) explain(known answer, err error) {
	h := c.Header()
	switch known.status {
	case http.StatusUnauthorized:
		challenge := `Bearer realm="onsale"`
		if known.code == "token_invalid" || known.code == "token_expired" {
			challenge += `, error="invalid_token"`
		}
		h.Set("WWW-Authenticate", challenge)
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	case http.StatusTooManyRequests:
		if attempts := (*identity.AttemptsError)(nil); errors.As(err, &attempts) {
			c.retryAfter(attempts.RetryAfter)
		}
	}
}

// addDetails adds what a client can act on.
func addDetails(p *Problem, err error) {
	if f := (*fault)(nil); errors.As(err, &f) {
		p.Detail = f.detail
	}
	refusal := (*sale.Refusal)(nil)
	if !errors.As(err, &refusal) {
		return
	}
	if errors.Is(refusal.Reason, sale.ErrNotEnoughTickets) {
		p.Remaining = &refusal.Remaining
	}
	if refusal.Version > 0 {
		p.Version = &refusal.Version
	}
	if refusal.ClaimID != uuid.Nil {
		if errors.Is(refusal.Reason, sale.ErrAlreadyBooked) {
			p.BookingID = &refusal.ClaimID
		} else {
			p.HoldID = &refusal.ClaimID
		}
	}
	for _, s := range refusal.Sections {
		p.Sections = append(p.Sections, SectionChoice{ID: s.ID, Name: s.Name, Remaining: s.Remaining})
	}
}
