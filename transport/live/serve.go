package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"onsale/command/identity"
	"onsale/query"
)

// allowed lets pages of the given origins connect, those of the same origin, and programs that are no browser.
func allowed(origins []string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		origin := r.Header.Get("Origin")
		if origin == "" || slices.Contains(origins, origin) {
			return true
		}
		u, err := url.Parse(origin)
		return err == nil && strings.EqualFold(u.Host, r.Host)
	}
}

// ServeHTTP turns the request into a connection that is served until its end, also after ServeHTTP has returned: so the HTTP
// server keeps nothing for it.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // and Upgrade has answered
	}
	v := newViewer(conn, &h.running)
	v.await(authTimeout)
	if why, in := h.enter(v); !in {
		var writer sync.WaitGroup
		v.writers = &writer
		v.close(why)
		v.linger()
		writer.Wait()
	}
}

// enter has a connection served, unless there are too many.
func (h *Hub) enter(v *viewer) (Close, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.closed:
		return CloseGoingAway, false
	case len(h.viewers) >= h.options.MaxViewers:
		return CloseBusy, false
	}
	h.viewers[v] = struct{}{}
	h.running.Go(func() { h.serve(v) })
	return Close{}, true
}

// serve has left the hub before it hangs up: who sees the end of the connection may have another.
func (h *Hub) serve(v *viewer) {
	why, in := h.admit(v)
	if in {
		why = h.read(v)
	}
	v.close(why)
	h.leave(v)
	v.linger()
}

// admit lets in who says in time who they are.
func (h *Hub) admit(v *viewer) (Close, bool) {
	r, err := h.next(v)
	if err != nil || r.Type != "auth" {
		return CloseAuthRequired, false
	}
	if why, ok := h.authenticate(v, r.Token); !ok {
		return why, false
	}
	v.reply(ready)
	return Close{}, true
}

var ready = encode(response{Type: "ready"})

// authenticate takes in a token: the first one of a connection, or a newer one of the same user.
func (h *Hub) authenticate(v *viewer, token string) (Close, bool) {
	caller, err := h.options.Accounts.Authenticate(token)
	switch {
	case errors.Is(err, identity.ErrTokenExpired):
		return CloseTokenExpired, false
	case err != nil:
		return CloseTokenInvalid, false
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case v.caller.UserID == caller.UserID:
	case v.caller.UserID != uuid.Nil:
		return CloseTokenInvalid, false
	case h.perUser[caller.UserID] >= h.options.MaxPerUser:
		return CloseTooMany, false
	default:
		h.perUser[caller.UserID]++
	}
	v.caller = caller
	return Close{}, true
}

func (h *Hub) leave(v *viewer) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.viewers, v)
	for event := range v.watched {
		h.unwatch(v, event)
	}
	h.unwatchAll(v)
	if user := v.caller.UserID; user != uuid.Nil {
		if h.perUser[user]--; h.perUser[user] == 0 {
			delete(h.perUser, user)
		}
	}
	if len(h.viewers) == 0 {
		h.through = -1
	}
}

// errBadFrame says that a frame came but cannot be understood.
var errBadFrame = errors.New("bad frame")

func (h *Hub) next(v *viewer) (request, error) {
	kind, frame, err := v.conn.ReadMessage()
	if err != nil {
		return request{}, err
	}
	if kind != websocket.TextMessage {
		return request{}, errBadFrame
	}
	r, err := parse(frame)
	if err != nil {
		return request{}, fmt.Errorf("%w: %w", errBadFrame, err)
	}
	return r, nil
}

// errFlood says that more came than anybody needs.
var errFlood = errors.New("too many frames")

// read serves a viewer's requests until one is the last, and returns why.
func (h *Hub) read(v *viewer) Close {
	patience := 2*h.options.PingInterval + writeTimeout
	pace := rate.NewLimiter(rate.Every(time.Second), 20)
	pong := v.conn.PingHandler()
	v.conn.SetPingHandler(func(data string) error {
		if !pace.Allow() {
			return errFlood
		}
		return pong(data)
	})
	v.conn.SetPongHandler(func(string) error { v.await(patience); return nil })
	v.await(patience)
	for {
		r, err := h.next(v)
		switch {
		case errors.Is(err, errBadFrame), errors.Is(err, websocket.ErrReadLimit):
			return CloseBadFrame
		case errors.Is(err, errFlood):
			return CloseFlood
		case err != nil, v.backlog() > maxBacklog:
			return CloseSlow // or gone by itself, and then it hears nothing of this
		case !pace.Allow():
			return CloseFlood
		}
		switch r.Type {
		case "auth":
			if why, ok := h.authenticate(v, r.Token); !ok {
				return why
			}
			v.reply(ready)
		case "subscribe":
			if why, ok := h.subscribe(v, r); !ok {
				return why
			}
		case "unsubscribe":
			h.unsubscribe(v, r)
		}
	}
}

// subscribe first lets changes through and then reads what is, so that none is missed in between. That they may overtake
// what is read is what versions are for.
func (h *Hub) subscribe(v *viewer, r request) (Close, bool) {
	ctx, cancel := context.WithTimeout(h.life, queryTimeout)
	defer cancel()
	if err := h.begin(ctx); err != nil {
		return h.unavailable(err)
	}
	known, unknown := h.watch(v, r)
	if len(v.watched) > maxWatched {
		return CloseBadFrame, false
	}
	if r.All || len(unknown) > 0 {
		read, err := h.options.Counts.Counts(ctx, unknown)
		if err != nil {
			return h.unavailable(err)
		}
		h.learn(read)
		known = append(known, read...)
	}
	for chunk := range slices.Chunk(known, snapshotMax) {
		v.reply(encode(response{Type: "snapshot", Events: chunk}))
	}
	if len(known) == 0 {
		v.reply(nothing)
	}
	return Close{}, true
}

func (h *Hub) unavailable(err error) (Close, bool) {
	if h.life.Err() != nil {
		return CloseGoingAway, false
	}
	h.options.Log.Warn("reading counts failed", "error", err)
	return CloseUnavailable, false
}

// begin finds out where the log is when nobody has been watching, so that what changes from now on is not missed.
func (h *Hub) begin(ctx context.Context) error {
	h.mu.Lock()
	watching := h.through >= 0
	h.mu.Unlock()
	if watching {
		return nil
	}
	_, through, err := h.options.Counts.Changed(ctx, -1)
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.through < 0 {
		h.through = through
	}
	return nil
}

var nothing = encode(response{Type: "snapshot"})

// watch lets the viewer see what it asks for. It returns the counts that are known, and the events whose counts are not.
func (h *Hub) watch(v *viewer, r request) (known []query.Counts, unknown []uuid.UUID) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.All {
		h.everyone[v] = struct{}{}
	}
	if v.watched == nil {
		v.watched = make(map[uuid.UUID]struct{}, len(r.Events))
	}
	for _, event := range r.Events {
		t := h.topic(event)
		t.viewers[v] = struct{}{}
		v.watched[event] = struct{}{}
		if t.counts.Version > 0 {
			known = append(known, t.counts)
		} else {
			unknown = append(unknown, event)
		}
	}
	return known, unknown
}

// topic returns the topic of an event, new if need be. The caller has the lock.
func (h *Hub) topic(event uuid.UUID) *topic {
	t := h.topics[event]
	if t == nil {
		t = &topic{viewers: make(map[*viewer]struct{})}
		h.topics[event] = t
	}
	return t
}

func (h *Hub) unsubscribe(v *viewer, r request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if r.All {
		h.unwatchAll(v)
	}
	for _, event := range r.Events {
		h.unwatch(v, event)
	}
}

// unwatch ends what watch began. The caller has the lock.
func (h *Hub) unwatch(v *viewer, event uuid.UUID) {
	delete(v.watched, event)
	if t := h.topics[event]; t != nil {
		delete(t.viewers, v)
		h.drop(event, t)
	}
}

// unwatchAll ends what watch began for all events. The caller has the lock.
func (h *Hub) unwatchAll(v *viewer) {
	if _, watches := h.everyone[v]; !watches {
		return
	}
	delete(h.everyone, v)
	if len(h.everyone) == 0 {
		for event, t := range h.topics {
			h.drop(event, t)
		}
	}
}

// drop forgets a topic that nobody watches.
func (h *Hub) drop(event uuid.UUID, t *topic) {
	if len(t.viewers) == 0 && len(h.everyone) == 0 {
		delete(h.topics, event)
		delete(h.changed, event)
	}
}
