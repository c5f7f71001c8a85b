package sale

import (
	"errors"
	"fmt"

	"github.com/google/uuid"
)

// What a rule can say no with. A refusal that has something to add is a [*Refusal] around one of these.
var (
	ErrEventNotFound   = errors.New("no such event")
	ErrEventExists     = errors.New("this event exists already")
	ErrStarted         = errors.New("the event has started")
	ErrClosed          = errors.New("sales have been closed")
	ErrSectionRequired = errors.New("the event has several sections: choose one")
	ErrUnknownSection  = errors.New("the event has no such section")

	ErrSoldOut           = errors.New("no tickets available")
	ErrNotEnoughTickets  = errors.New("fewer tickets are left than asked for")
	ErrAlreadyBooked     = errors.New("this buyer has booked this event already")
	ErrAlreadyHolding    = errors.New("this buyer holds seats of this event already")
	ErrBookingInProgress = errors.New("this buyer is paying for seats of this event right now")
	ErrKeyReused         = errors.New("the idempotency key was used for another request")

	ErrHoldNotFound     = errors.New("no such hold")
	ErrHoldEnded        = errors.New("the hold has ended")
	ErrBookingNotFound  = errors.New("no such booking")
	ErrNotYours         = errors.New("the booking is somebody else's")
	ErrAlreadyCancelled = errors.New("the booking is cancelled already")
)

// A Refusal is a reason with what its receiver can act on. Fields that the reason has no use for are zero.
type Refusal struct { //nolint:errname // the word of the domain
	Reason    error
	Remaining int       // ErrNotEnoughTickets: how many seats are free, those of holds that have run out among them
	Version   int64     // ErrSoldOut, ErrNotEnoughTickets: the version of the sale that this was decided on
	ClaimID   uuid.UUID // ErrAlreadyBooked, ErrAlreadyHolding, ErrBookingInProgress: the buyer's live claim
	Sections  []Section // ErrSectionRequired, ErrUnknownSection: the choices
}

func (r *Refusal) Error() string { return r.Reason.Error() }
func (r *Refusal) Unwrap() error { return r.Reason }

// A FieldError says what is wrong with one field of a command, named as in the API.
type FieldError struct {
	Field   string // such as "sections[1].price"
	Problem string // what would be right, such as "must be 0 or more"
}

func (e *FieldError) Error() string { return e.Field + " " + e.Problem }

// InvalidField returns the name of the field.
func (e *FieldError) InvalidField() string { return e.Field }

func invalid(field, problem string, args ...any) error {
	return &FieldError{Field: field, Problem: fmt.Sprintf(problem, args...)}
}
