package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
)

// The largest answer that is read; a page of fifty events is far below it.
const maxAnswer = 8 << 20

// positionHeader tells how far a node had got when it answered. Sent back on a
// read, it makes any node answer no older than that.
const positionHeader = "Onsale-Position"

// server is the API under test, and the newest position it has answered with.
type server struct {
	base     string                                     // URL, no slash at its end
	timeout  time.Duration                              // the longest that one answer may take
	pause    func(context.Context, time.Duration) error // waits because the server asked for it
	position atomic.Int64
}

// client is one person at the API, with a connection of their own that stays
// open between calls. It makes one call at a time.
type client struct {
	server *server
	http   *http.Client
	token  string // access token; empty before registration
}

func (s *server) connect(token string) *client {
	return &client{server: s, token: token, http: &http.Client{
		Transport: &http.Transport{
			Proxy:           http.ProxyFromEnvironment,
			MaxConnsPerHost: 1,
		},
		Timeout:       s.timeout,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

func (c *client) hangUp() { c.http.CloseIdleConnections() }

func hangUp(clients []*client) {
	for _, c := range clients {
		c.hangUp()
	}
}

// call sends in as JSON (nil: no body) and decodes the answer into out when it
// has the status wanted. Any other answer is an *answerError. Everything else,
// such as a time-out, leaves unknown what the server did.
func (c *client) call(ctx context.Context, method, path string, in any, want int, out any) error {
	var body io.Reader
	if in != nil {
		b, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
		body = bytes.NewReader(b)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.server.base+path, body)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if in != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		req.Header.Set("Authorization", "Bearer "+c.token)
	}
	if p := c.server.position.Load(); p > 0 && method == http.MethodGet {
		req.Header.Set(positionHeader, strconv.FormatInt(p, 10))
	}
	resp, err := c.http.Do(req)
	if err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, maxAnswer))
	if err != nil {
		return fmt.Errorf("%s %s: read answer: %w", method, path, err)
	}
	c.server.reached(resp.Header)
	if resp.StatusCode != want {
		return newAnswerError(method, path, resp, answer)
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s %s: %d with a body that cannot be read: %w", method, path, resp.StatusCode, err)
	}
	return nil
}

// reached notes the position an answer tells, unless a newer one is known.
func (s *server) reached(h http.Header) {
	p, err := strconv.ParseInt(h.Get(positionHeader), 10, 64)
	for err == nil {
		known := s.position.Load()
		if p <= known || s.position.CompareAndSwap(known, p) {
			return
		}
	}
}

// answerError is an answer other than the one hoped for.
type answerError struct {
	method, path        string
	status              int
	code, title, detail string        // as the problem document says; empty where there is none
	retryAfter          time.Duration // zero when not told in seconds
}

func newAnswerError(method, path string, resp *http.Response, body []byte) *answerError {
	e := &answerError{method: method, path: path, status: resp.StatusCode}
	var problem struct{ Code, Title, Detail string }
	if json.Unmarshal(body, &problem) == nil {
		e.code, e.title, e.detail = printable(problem.Code), printable(problem.Title), printable(problem.Detail)
	}
	if seconds, err := strconv.ParseUint(resp.Header.Get("Retry-After"), 10, 24); err == nil {
		e.retryAfter = time.Duration(seconds) * time.Second
	}
	return e
}

func (e *answerError) Error() string {
	s := e.method + " " + e.path + ": " + e.label()
	switch {
	case e.detail != "":
		s += ": " + e.detail
	case e.title != "" && e.code != "":
		s += ": " + e.title
	}
	return s
}

// label names the answer shortly: "409 sold_out", "502 Bad Gateway".
func (e *answerError) label() string {
	if e.code != "" {
		return fmt.Sprintf("%d %s", e.status, e.code)
	}
	return strings.TrimSpace(fmt.Sprintf("%d %s", e.status, http.StatusText(e.status)))
}

// busy reports whether the server asks to come again later.
func (e *answerError) busy() bool {
	return e.status == http.StatusTooManyRequests || e.status == http.StatusServiceUnavailable
}

// rootCause returns the innermost error's text, which names no port and so is
// the same for everybody whom the same thing befell.
func rootCause(err error) string {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	return printable(err.Error())
}

// printable makes a stranger's text safe to print on one line of a terminal.
func printable(s string) string {
	s = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, s)
	if len(s) > 300 {
		s = strings.ToValidUTF8(s[:300], "") + "..."
	}
	return s
}
