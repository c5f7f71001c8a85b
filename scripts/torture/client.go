package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// patience is how long a client waits for an answer.
const patience = 4 * time.Second

// A client speaks HTTP over one connection, and knows what became of a request better than http.Client would tell: that
// repeats some by itself.
type client struct {
	address string
	conn    net.Conn
	reader  *bufio.Reader
}

// A reply is an answer as it came. Sent says whether any of the request may have arrived.
type reply struct {
	sent   bool
	status int
	header http.Header
	body   []byte
	err    error
}

func (c *client) do(method, path, token string, header map[string]string, body any) reply {
	if c.conn == nil {
		conn, err := dialer.DialContext(context.Background(), "tcp", c.address)
		if err != nil {
			return reply{err: err}
		}
		c.conn, c.reader = conn, bufio.NewReader(conn)
	}
	r := c.exchange(method, path, token, header, body)
	if r.err != nil || r.header.Get("Connection") == "close" {
		c.hangUp()
	}
	return r
}

func (c *client) exchange(method, path, token string, header map[string]string, body any) reply {
	var content []byte
	if body != nil {
		var err error
		if content, err = json.Marshal(body); err != nil {
			return reply{err: err}
		}
	}
	request, err := http.NewRequestWithContext(context.Background(), method, "http://"+c.address+path, bytes.NewReader(content)) //nolint:gosec // to a link of ours
	if err != nil {
		return reply{err: err}
	}
	request.Header.Set("Authorization", "Bearer "+token)
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	for name, value := range header {
		request.Header.Set(name, value)
	}
	c.conn.SetDeadline(time.Now().Add(patience))
	if err := request.Write(c.conn); err != nil {
		return reply{sent: true, err: err}
	}
	response, err := http.ReadResponse(c.reader, request)
	if err != nil {
		return reply{sent: true, err: err}
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return reply{sent: true, err: err}
	}
	if response.Close {
		response.Header.Set("Connection", "close")
	}
	return reply{
		sent: response.Header.Get("X-Not-Forwarded") == "", status: response.StatusCode, header: response.Header, body: answer,
	}
}

func (c *client) hangUp() {
	if c.conn != nil {
		c.conn.Close()
		c.conn = nil
	}
}

// An answerBody is what may be in a body; what is not there is zero.
type answerBody struct {
	eventBody
	Code string

	Remaining int
	BookingID string
	HoldID    string

	Booking struct{ ID string }
	Hold    struct {
		ID        string
		ExpiresAt time.Time
	}
	Event struct {
		RemainingTickets int
		Version          int64
	}
	Data []struct {
		eventBody
		Status   string
		Quantity int
		Section  struct{ ID string }
		Event    struct{ ID string }
	}
	Meta struct{ Total int }
}

type eventBody struct {
	ID       string
	Version  int64
	Sections []struct {
		ID        string
		Remaining int
	}
	RemainingTickets int
}

func (b eventBody) listing() listing {
	l := listing{ID: b.ID, Version: b.Version, Left: b.RemainingTickets}
	for _, s := range b.Sections {
		l.Sections = append(l.Sections, s.Remaining)
	}
	return l
}

// understand says what a reply means: which of them promise that nothing was done is in the API's contract.
func understand(r reply, began time.Time) answer {
	switch {
	case !r.sent:
		return answer{Verdict: nothing, Status: r.status, Problem: "not sent"}
	case r.err != nil:
		return answer{Verdict: unknown, Problem: r.err.Error()}
	}
	a := answer{Status: r.status, Replayed: r.header.Get("Idempotency-Replayed") != ""}
	a.Position, _ = strconv.ParseInt(r.header.Get("Onsale-Position"), 10, 64)
	var body answerBody
	if len(r.body) > 0 {
		if err := json.Unmarshal(r.body, &body); err != nil {
			return answer{Verdict: unknown, Status: r.status, Problem: "the body is no JSON: " + err.Error()}
		}
	}
	a.Code, a.Verdict = body.Code, verdictOf(r.status, body.Code)
	switch {
	case a.Verdict == refused:
		a.Claim, a.Remaining, a.Version = body.BookingID+body.HoldID, body.Remaining, body.Version
	case body.Booking.ID != "":
		a.Claim, a.Version, a.Remaining = body.Booking.ID, body.Event.Version, body.Event.RemainingTickets
	case body.Hold.ID != "":
		a.Claim, a.Version, a.Remaining = body.Hold.ID, body.Event.Version, body.Event.RemainingTickets
		a.Expires = body.Hold.ExpiresAt.Sub(began.Round(0))
	case body.Data != nil:
		a.Total = body.Meta.Total
		if len(body.Data) == 0 {
			a.Claims = []possession{}
		}
		for _, d := range body.Data {
			if d.Sections != nil {
				a.Events = append(a.Events, d.listing())
			} else {
				a.Claims = append(a.Claims, possession{d.ID, d.Event.ID, d.Section.ID, d.Quantity, d.Status})
			}
		}
	case body.Sections != nil:
		a.Events = []listing{body.listing()}
	default: // of a cancelled booking, or nothing
		a.Version, a.Remaining = body.Version, body.RemainingTickets
	}
	return a
}

func verdictOf(status int, code string) verdict {
	switch {
	case status < 300:
		return acknowledged
	case code == "overloaded" || code == "contended" || code == "unavailable" || code == "not_caught_up":
		return nothing
	case status >= 500:
		return unknown
	default:
		return refused
	}
}
