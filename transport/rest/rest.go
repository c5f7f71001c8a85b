// Package rest is the HTTP API: openapi.yaml is its contract, routes.go its table of calls, problem.go its table of errors.
//
// Every path is served as it stands and below /api, so that one handler serves the API's own port and the dashboard's,
// where the browser stays on one origin.
//
// A request is admitted step by step, cheapest first: is there a slot at all, access token, rate limit, body, a free slot; only
// then does its handler run, which parses, asks and renders. Nothing a client sends can make it answer 5xx, except by overload, and no
// answer carries the text of an error that is not in the table.
package rest

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/rs/cors"

	"onsale/command/gate"
)

//go:generate go run github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2 -config oapi-codegen.yaml openapi.yaml

// Options says what the API works with. Commands, Queries, Accounts and Freshness are needed.
type Options struct {
	Commands  Commands
	Queries   Queries
	Accounts  Accounts
	Freshness Freshness

	// Ready finds out whether the program can do its work. It has two seconds. Nil: nothing to check, always ready.
	Ready func(context.Context) Condition

	// Unreachable reports whether an error says that what is behind the API cannot be asked for now, as when its database is
	// away. It is asked of errors that nothing else knows, and not of commands, whose own errors say what became of them. The
	// client gets a 503 then. Nil: no error says so, and such a call ends in a 500.
	Unreachable func(error) bool

	// Logger gets one line a request, what was behind every 500, and what was out of reach. Nil discards them.
	Logger *slog.Logger

	// Metrics is where counts of requests are registered. Nil: nowhere.
	Metrics prometheus.Registerer

	// Clock tells the time; nil is time.Now.
	Clock func() time.Time

	// NewID makes the ids of requests that bring none. Nil is uuid.NewV7.
	NewID func() uuid.UUID

	// Origins are the web origins, such as http://localhost:3000, that may call the API from a browser, cookies
	// included. No wildcards. Empty: only pages of the same origin.
	Origins []string

	// SecureCookies marks the refresh cookie Secure even where the request did not come over TLS, as behind a proxy.
	SecureCookies bool

	// TrustedProxies are the peers whose X-Forwarded-For is believed. Empty: nobody's is.
	TrustedProxies []netip.Prefix

	// MaxInFlight is how many requests are worked on at once; the next one gets a 503 at once. It counts those that wait
	// for a payment, and not those whose body is still on its way. Zero is 4096.
	MaxInFlight int

	// SearchSlots is how many lists of events are read at once of those for which all events have to be looked at: searches, and
	// orders that no index has. Each slot rests for as long as the last read took. Zero is half of the processors, at least one: so
	// searching has a quarter of them.
	SearchSlots int
	// SearchQueue is how many of those may wait in order of arrival before the next one gets a 503 at once. Zero is 64. Who asks for the
	// same as another needs no place of its own, but all who search have a quarter of MaxInFlight, so that the rest stays for buyers.
	SearchQueue int

	// AuthPerMinute is how often one client address may register, log in, refresh and log out. Zero is 1200.
	AuthPerMinute int
	// CommandsPerMinute is how many commands, bookings above all, one user may send. Zero is 120.
	CommandsPerMinute int
	// NoRateLimits switches both off, for benchmarks and for where something in front of us limits.
	NoRateLimits bool
}

// Condition is what a program depends on, and what state it is in.
type Condition struct {
	// Checks are what it depends on, by name; nil errors are well. The errors go to the log, only the names to the client.
	Checks map[string]error
	// Projections are told as they are.
	Projections []ProjectionState
}

type api struct {
	Options
	log       *slog.Logger
	metrics   *metrics
	router    *mux.Router
	cors      *cors.Cors // nil: no other origin may call
	origins   *http.CrossOriginProtection
	slots     chan struct{}
	perIP     *limiter // nil: no limit
	perUser   *limiter // nil: no limit
	address   func(*http.Request) string
	docs      http.Handler
	cache     *cache
	scans     gate.Gate
	searches  chan struct{} // of the slots, those whose lists need the gate
	freshness time.Duration
}

// New returns the API's handler. Its error names an origin that is none.
func New(o Options) (http.Handler, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.NewID == nil {
		o.NewID = newRequestID
	}
	if o.Unreachable == nil {
		o.Unreachable = func(error) bool { return false }
	}
	if o.Ready == nil {
		o.Ready = func(context.Context) Condition { return Condition{} }
	}
	o.AuthPerMinute = cmp.Or(o.AuthPerMinute, 1200)
	o.CommandsPerMinute = cmp.Or(o.CommandsPerMinute, 120)
	a := &api{
		Options:   o,
		log:       o.Logger,
		origins:   http.NewCrossOriginProtection(),
		slots:     make(chan struct{}, cmp.Or(o.MaxInFlight, 4096)),
		address:   ClientAddress(o.TrustedProxies),
		freshness: time.Second,
		cache:     newCache(),
		scans:     gate.NewResting(cmp.Or(o.SearchSlots, max(1, runtime.NumCPU()/2)), cmp.Or(o.SearchQueue, 64)),
	}
	a.searches = make(chan struct{}, max(1, cap(a.slots)/4))
	a.metrics = newMetrics(o.Metrics, a.slots, a.scans)
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	for _, origin := range o.Origins {
		if strings.Contains(origin, "*") {
			return nil, fmt.Errorf("allowed origin %q: wildcards would let anybody's pages use our cookies", origin)
		}
		if err := a.origins.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("allowed origin %q: %w", origin, err)
		}
	}
	if len(o.Origins) > 0 {
		a.cors = newCORS(o.Origins)
	}
	if !o.NoRateLimits {
		a.perIP = newLimiter(o.AuthPerMinute)
		a.perUser = newLimiter(o.CommandsPerMinute)
	}
	a.docs = newDocs(a)
	a.router = newRouter(a)
	return a, nil
}
