package rest

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"strings"

	"onsale/command/gate"
	"onsale/command/identity"
)

// serve admits the call and has it handled. The body is read before a slot is taken: a client that sends it drop by drop
// takes nobody's place. Where there is no slot to be had, nothing is done for the call: in a flood, what a refusal costs is taken
// from those who are served.
func (a *api) serve(c *call, rt *route) error {
	if !rt.uncapped && len(a.slots) == cap(a.slots) {
		return gate.ErrFull
	}
	if rt.access == needsToken {
		if err := a.authenticate(c); err != nil {
			return err
		}
	}
	if err := a.limit(c, rt.limit); err != nil {
		return err
	}
	if rt.method == http.MethodPost {
		buffer := bodies.Get().(*bodyBuffer)
		defer bodies.Put(buffer)
		if err := readBody(c, buffer); err != nil {
			return err
		}
	}
	if len(rt.reads) > 0 { // who waits takes nobody's place either
		if err := a.catchUp(c, rt.reads); err != nil {
			return err
		}
	}
	if !rt.uncapped {
		select {
		case a.slots <- struct{}{}:
			defer func() { <-a.slots }()
		default:
			return gate.ErrFull
		}
	}
	return rt.handle(a, c)
}

// authenticate finds out who calls.
func (a *api) authenticate(c *call) error {
	headers := c.r.Header["Authorization"]
	if len(headers) == 0 {
		return errTokenMissing
	}
	scheme, token, _ := strings.Cut(headers[0], " ")
	if len(headers) > 1 || !strings.EqualFold(scheme, "Bearer") {
		return errTokenMissing
	}
	caller, err := a.Accounts.Authenticate(strings.TrimSpace(token))
	if err != nil {
		return err
	}
	c.caller = caller
	return nil
}

// catchUp makes sure that what the views are about to say is not older than what this node, or the client, knows.
func (a *api) catchUp(c *call, views []string) error {
	position, err := knownPosition(c.r)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.r.Context(), a.freshness)
	defer cancel()
	err = a.Freshness.CatchUp(ctx, position, views...)
	if errors.Is(err, context.DeadlineExceeded) && c.r.Context().Err() == nil {
		return errNotCaughtUp
	}
	return err
}

// knownPosition reads the Onsale-Position that the client has seen; zero is none.
func knownPosition(r *http.Request) (int64, error) {
	values := r.Header["Onsale-Position"]
	if len(values) == 0 {
		return 0, nil
	}
	position, err := strconv.ParseInt(values[0], 10, 64)
	if err != nil || position < 0 || len(values) > 1 {
		return 0, invalidHeader("Onsale-Position", "must be a whole number, 0 or more, as an answer gave it")
	}
	return position, nil
}

// idempotencyKey reads the client's own name for its request; "" is none.
func idempotencyKey(r *http.Request) (string, error) {
	values := r.Header["Idempotency-Key"]
	if len(values) == 0 {
		return "", nil
	}
	key := values[0]
	unseen := strings.ContainsFunc(key, func(r rune) bool { return r < '!' || r > '~' })
	if len(values) > 1 || len(key) < 1 || len(key) > 255 || unseen {
		return "", invalidHeader("Idempotency-Key", "must be 1 to 255 visible ASCII characters, sent once")
	}
	return key, nil
}

func invalidHeader(name, problem string) error {
	return &fault{reason: errInvalidHeader, fields: []FieldProblem{{Field: name, Code: codeInvalid, Problem: problem}}}
}

func (c *call) isAdmin() bool { return c.caller.Role == identity.RoleAdmin }
