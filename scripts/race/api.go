package main

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// The parts of the API's bodies that the race looks at.

type event struct {
	ID               string    `json:"id"`
	Title            string    `json:"title"`
	Date             time.Time `json:"date"` // zero: the sale does not end by itself
	RemainingTickets int       `json:"remainingTickets"`
	Sections         []section `json:"sections"`
}

type section struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Capacity  int    `json:"capacity"`
	Remaining int    `json:"remaining"`
}

// booking is one of the caller's own.
type booking struct {
	ID       string `json:"id"`
	Status   string `json:"status"`
	Quantity int    `json:"quantity"`
	Event    struct {
		ID string `json:"id"`
	} `json:"event"`
}

const statusConfirmed = "CONFIRMED"

// bookAnswer is the 201 of POST /book.
type bookAnswer struct {
	Booking struct {
		ID      string `json:"id"`
		EventID string `json:"eventId"`
		Status  string `json:"status"`
	} `json:"booking"`
	Event struct {
		RemainingTickets int `json:"remainingTickets"`
	} `json:"event"`
}

type newEvent struct {
	Title       string       `json:"title"`
	Description string       `json:"description"`
	Venue       string       `json:"venue"`
	Date        time.Time    `json:"date"`
	Sections    []newSection `json:"sections"`
}

type newSection struct {
	Name     string `json:"name"`
	Price    int    `json:"price"`
	Capacity int    `json:"capacity"`
}

type credentials struct {
	Email    string `json:"email"`
	Password string `json:"password"`
	Name     string `json:"name,omitempty"` // for registration
}

// register makes the account; an *answerError with 409 says that it exists.
func (c *client) register(ctx context.Context, who credentials) (token string, err error) {
	var answer struct{ AccessToken string }
	err = c.call(ctx, http.MethodPost, "/auth/register", who, http.StatusCreated, &answer)
	return answer.AccessToken, err
}

func (c *client) logIn(ctx context.Context, who credentials) (token string, err error) {
	who.Name = ""
	var answer struct{ AccessToken string }
	err = c.call(ctx, http.MethodPost, "/auth/login", who, http.StatusOK, &answer)
	return answer.AccessToken, err
}

// events returns one page of the list, from 1, and how many pages there are.
func (c *client) events(ctx context.Context, page int) (list []event, pages int, err error) {
	var answer struct {
		Data []event
		Meta struct{ TotalPages int }
	}
	err = c.call(ctx, http.MethodGet, "/events?limit=50&page="+strconv.Itoa(page), nil, http.StatusOK, &answer)
	return answer.Data, answer.Meta.TotalPages, err
}

func (c *client) event(ctx context.Context, id string) (e event, err error) {
	err = c.call(ctx, http.MethodGet, "/events/"+url.PathEscape(id), nil, http.StatusOK, &e)
	return e, err
}

func (c *client) createEvent(ctx context.Context, n newEvent) (id string, err error) {
	var answer struct{ ID string }
	err = c.call(ctx, http.MethodPost, "/events", n, http.StatusCreated, &answer)
	return answer.ID, err
}

// order is the body of POST /book; it says no more than it must.
type order struct {
	EventID   string `json:"eventId"`
	SectionID string `json:"sectionId,omitempty"` // empty: the only one
	Quantity  int    `json:"qty,omitempty"`       // zero: 1
}

func (c *client) book(ctx context.Context, o order) (b bookAnswer, err error) {
	err = c.call(ctx, http.MethodPost, "/book", o, http.StatusCreated, &b)
	return b, err
}

// bookings returns the caller's newest bookings. A buyer of this test has one
// for each event at most, so the first page has them all.
func (c *client) bookings(ctx context.Context) ([]booking, error) {
	var answer struct{ Data []booking }
	err := c.call(ctx, http.MethodGet, "/bookings", nil, http.StatusOK, &answer)
	return answer.Data, err
}
