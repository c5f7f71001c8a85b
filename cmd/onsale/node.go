package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math"
	"net"
	"net/http"
	"sync"
	"sync/atomic"

	"onsale/cmd/internal/broker"
	"onsale/cmd/internal/config"
	"onsale/command"
	"onsale/projections"
	"onsale/query"
	"onsale/transport/live"
	"onsale/transport/rest"
)

// drainTimeout bounds how long a node waits at its end for requests in flight.
const drainTimeout = rest.AnswerTimeout

// A node is one running Onsale: it serves the API and the dashboard, applies the log to the read tables, and sweeps.
type node struct {
	log     *slog.Logger
	insight *insight
	db      *database
	*core
	runner  *projections.Runner
	broker  *broker.Broker
	views   *query.Reader
	changes changes      // of the listings
	replica *replica     // nil: views are of the database itself
	began   atomic.Int64 // the log's head when the node started: what it, or the one before it, has acknowledged until then

	api, dashboard []net.Listener
	servers        []*http.Server
	hub            *live.Hub

	stopWork context.CancelFunc // ends the runner and the sweeper
	work     sync.WaitGroup
	failed   chan error // what ended by itself; buffered for all that can
}

// openNode returns a node with all that it works with, which does not answer yet: that is for serve. Its listeners are
// opened first, so that a port in use is told before anything else is begun. It is to be stopped even after an error.
func openNode(ctx context.Context, c config.Config, log *slog.Logger) (n *node, err error) {
	n = &node{log: log, failed: make(chan error, 4)}
	if n.insight, err = openInsight(ctx, c, log); err != nil {
		return n, err
	}
	if n.api, err = listen("API_PORT", c.Host, c.APIPort); err != nil {
		return n, err
	}
	if n.dashboard, err = listen("WEB_PORT", c.Host, c.WebPort); err != nil {
		return n, err
	}
	return n, n.open(ctx, c)
}

// open opens the database and starts what works in the background.
func (n *node) open(ctx context.Context, c config.Config) (err error) {
	if n.db, err = openDatabase(ctx, c, n.log, false, n.insight.Telemetry); err != nil {
		return err
	}
	if n.core, err = newCore(n.db, c, n.log); err != nil {
		return err
	}
	head, err := n.store.Head(ctx)
	if err != nil {
		return err
	}
	n.began.Store(head)
	own := query.New(n.db.pool)
	n.views = own
	if c.QueryDatabaseURL != "" {
		if n.replica, err = openReplica(ctx, c.QueryDatabaseURL, n.log, n.insight.Telemetry); err != nil {
			return err
		}
		n.views = n.replica.Reader
	}
	n.hub = live.NewHub(live.Options{
		Accounts: n.accounts, Counts: own, CatchUp: n.listed, Clock: clock, Origins: c.CORSOrigins, MaxStrangers: maxStrangers(c),
		Address: rest.ClientAddress(c.TrustedProxies), Refuse: rest.RefuseUpgrade, Log: n.log, Metrics: n.insight.Registerer(),
	})
	if n.broker, err = broker.Open(c.BrokerURL, n.log, n.hear); err != nil {
		return err
	}
	n.runner = projections.NewRunner(n.db.pool, n.store, projections.Options{
		Log: n.log, Applied: n.announce, Metrics: n.insight.Registerer(), Tracer: n.insight.Tracer("onsale/projections"),
	}, projections.All()...)
	sweeper := command.Sweeper{Writer: n.writer, Due: own.Due, Clock: clock, Log: n.log}

	work, stop := context.WithCancel(context.Background())
	n.stopWork = stop
	n.work.Go(func() { n.report("projections", n.runner.Run(work)) })
	n.work.Go(func() { sweeper.Run(work) })
	if n.replica != nil {
		n.work.Go(func() { n.replica.run(work) })
	}
	return nil
}

// maxStrangers is part of the rate limit.
func maxStrangers(c config.Config) int {
	if c.RateLimit == "off" {
		return math.MaxInt
	}
	return 0 // the hub's own
}

// serve answers on the two listeners.
func (n *node) serve(c config.Config) error {
	handler, err := rest.New(rest.Options{
		Commands: n.commands, Queries: n.views, Accounts: n.accounts, Freshness: n,
		Ready: n.ready, Unreachable: outOfReach, Clock: clock, Logger: n.log, Metrics: n.insight.Registerer(),
		Origins: c.CORSOrigins, TrustedProxies: c.TrustedProxies,
		SecureCookies: c.Environment == "production", NoRateLimits: c.RateLimit == "off",
	})
	if err != nil {
		return err
	}
	handler = n.insight.Requests(handler)
	api := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if path := r.URL.Path; r.Method == http.MethodGet && (path == "/live" || path == "/api/live") {
			n.hub.ServeHTTP(w, r)
			return
		}
		handler.ServeHTTP(w, r)
	})
	site, err := website(api)
	if err != nil {
		return err
	}
	n.listen(n.api, api)
	n.listen(n.dashboard, site)
	return nil
}

func (n *node) listen(listeners []net.Listener, handler http.Handler) {
	s := rest.NewServer(handler, n.log)
	n.servers = append(n.servers, s)
	n.work.Go(func() { n.report("server", serveOn(s, listeners)) })
}

func (n *node) report(part string, err error) {
	if err != nil {
		n.failed <- fmt.Errorf("%s: %w", part, err)
	}
}

// wait returns when ctx ends, with nil, or when a part of the node has ended by itself.
func (n *node) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case err := <-n.failed:
		return err
	case <-n.db.ended():
		n.log.Error("the private PostgreSQL has ended", "error", n.db.server.Err())
		return errors.New("the private PostgreSQL has ended, see the log")
	}
}

// stop answers what is in flight, finishes what has been accepted, and closes everything, from the outside in. A node that
// was only half opened is stopped as far as it came.
func (n *node) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), drainTimeout)
	defer cancel()
	var problems []error
	var draining sync.WaitGroup
	for _, listeners := range [][]net.Listener{n.api, n.dashboard} {
		_ = closeAll(listeners) // again, where a server has them
	}
	failures := make(chan error, len(n.servers))
	if n.hub != nil {
		draining.Go(n.hub.Close)
	}
	for _, s := range n.servers {
		draining.Go(func() { failures <- drain(ctx, s) })
	}
	draining.Wait()
	close(failures)
	for err := range failures {
		problems = append(problems, err)
	}
	if n.stopWork != nil {
		n.stopWork()
	}
	n.work.Wait()
	if n.core != nil {
		n.writer.Close()
	}
	if n.broker != nil {
		n.broker.Close()
	}
	if n.replica != nil {
		n.replica.pool.Close()
	}
	if n.db != nil {
		problems = append(problems, n.db.close())
	}
	if n.insight != nil {
		n.insight.close()
	}
	return errors.Join(problems...)
}

// welcome tells a person where to go.
func (n *node) welcome(to io.Writer, c config.Config) {
	api := urlOf(c.Host, localPort(n.api[0]))
	fmt.Fprintf(to, "\n  Dashboard  %s\n  API        %s   (documentation: %s/docs)\n", urlOf(c.Host, localPort(n.dashboard[0])), api, api)
	if n.db.server != nil {
		fmt.Fprintf(to, "  Data       %s\n", n.db.dir)
	}
	fmt.Fprintln(to)
}
