package live

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"runtime/debug"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"

	"onsale/command/identity"
)

// allowed lets pages of the given origins connect, those of the same origin, and programs that are no browser.
//
// Where TLS is ended here, the same origin is https. Where it is not, it may have been ended in front, and nobody tells: http and https
// are both taken for the same origin then, and nothing else is. [http.CrossOriginProtection] does alike where no Sec-Fetch-Site tells
// more. So a page that was put on plain http of our own name may connect; Strict-Transport-Security keeps browsers from such pages.
func allowed(origins []string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		told := r.Header.Values("Origin")
		switch {
		case len(told) == 0:
			return true
		case len(told) > 1:
			return false
		case slices.Contains(origins, told[0]):
			return true
		}
		scheme, host, _ := strings.Cut(told[0], "://")
		return (scheme == "https" || scheme == "http" && r.TLS == nil) && strings.EqualFold(host, r.Host)
	}
}

func peerAddress(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// ServeHTTP turns the request into a connection that is served until its end, also after ServeHTTP has returned: so the HTTP
// server keeps nothing for it.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	conn, err := h.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // and Upgrade has answered
	}
	v := newViewer(conn, h)
	v.address = h.options.Address(r)
	v.await(authTimeout)
	if why, in := h.enter(v); !in {
		var writer sync.WaitGroup
		v.writers = &writer
		v.close(why)
		v.linger()
		writer.Wait()
		h.tell(v)
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
	case h.stranger[v.address] >= h.options.MaxStrangers:
		return CloseBusy, false
	}
	h.viewers[v] = struct{}{}
	h.stranger[v.address]++
	h.running.Go(func() { h.serve(v) })
	return Close{}, true
}

// serve has left the hub before it hangs up: who sees the end of the connection may have another.
func (h *Hub) serve(v *viewer) {
	v.close(h.session(v))
	h.leave(v)
	v.linger()
	h.tell(v)
}

// tell counts a connection that has ended, and writes its line in the log.
func (h *Hub) tell(v *viewer) {
	why := v.why()
	h.metrics.closed[why].Inc()
	attrs := []slog.Attr{
		slog.Float64("seconds", float64(time.Since(v.since).Milliseconds())/1000),
		slog.Int("code", why.Code), slog.String("reason", why.Reason), slog.Int("frames", v.frames),
	}
	if user := v.caller.UserID; user != uuid.Nil {
		attrs = append(attrs, slog.String("user", user.String()))
	}
	h.options.Log.LogAttrs(context.Background(), slog.LevelInfo, "viewer left", attrs...)
}

// session serves a viewer and returns why it is over. A panic is one viewer's trouble, as it is one request's in net/http.
func (h *Hub) session(v *viewer) (why Close) {
	defer func() {
		if p := recover(); p != nil {
			h.options.Log.Error("serving a viewer panicked", "panic", p, "stack", string(debug.Stack()))
			why = CloseUnavailable
		}
	}()
	if why, in := h.admit(v); !in {
		return why
	}
	return h.read(v)
}

// admit lets in who says in time who they are.
func (h *Hub) admit(v *viewer) (Close, bool) {
	r, err := h.next(v)
	if err != nil && !errors.Is(err, errBadFrame) && !errors.Is(err, websocket.ErrReadLimit) && v.isGone(err) {
		return closeGone, false
	}
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
		h.forget(v.address)
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
	if user := v.caller.UserID; user == uuid.Nil {
		h.forget(v.address)
	} else if h.perUser[user]--; h.perUser[user] == 0 {
		delete(h.perUser, user)
	}
	if len(h.viewers) == 0 {
		h.through = -1
	}
}

// forget has one stranger less at the address. The caller has the lock.
func (h *Hub) forget(address string) {
	if h.stranger[address]--; h.stranger[address] == 0 {
		delete(h.stranger, address)
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
		case errors.Is(err, errManyEvents):
			return CloseManyEvents
		case errors.Is(err, errBadFrame), errors.Is(err, websocket.ErrReadLimit):
			return CloseBadFrame
		case errors.Is(err, errFlood):
			return CloseFlood
		case err != nil && v.isGone(err):
			return closeGone
		case err != nil, v.backlog() > maxBacklog:
			return CloseSlow
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
