package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"onsale/command/identity"
	"onsale/transport/ballast"
	"onsale/transport/rest"
)

// The kinds of baselines, and their names on the command line.
const (
	kindNoop      = "noop"
	kindForUpdate = "for-update"
	kindStatement = "statement"
)

// baselineConnections is how large the pool of a baseline is.
const baselineConnections = 16

// serveBaseline answers the API as onsale serve does, with the same log and metrics, but books in another way. It prints its
// address, and serves until ctx ends.
func serveBaseline(ctx context.Context, kind, database string, out, log io.Writer) error {
	commands, done, err := openBaseline(ctx, kind, database)
	if err != nil {
		return err
	}
	defer done()
	logger := slog.New(slog.NewJSONHandler(log, nil))
	handler, err := baselineHandler(commands, logger)
	if err != nil {
		return err
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	ballast.Load()
	s := rest.NewServer(handler, logger)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	fmt.Fprintf(out, "http://%s\n", l.Addr())
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	err = s.Close()
	if ended := <-served; !errors.Is(ended, http.ErrServerClosed) {
		err = errors.Join(err, ended)
	}
	return err
}

// openBaseline makes what books, with its tables in an empty database.
func openBaseline(ctx context.Context, kind, database string) (commands rest.Commands, done func(), err error) {
	if kind == kindNoop {
		return newNoop(), func() {}, nil
	}
	if err := execute(ctx, database, baselineTables); err != nil {
		return nil, nil, err
	}
	c, err := pgxpool.ParseConfig(database)
	if err != nil {
		return nil, nil, err
	}
	c.MaxConns = baselineConnections
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, nil, err
	}
	switch kind {
	case kindForUpdate:
		return forUpdate{tables{pool: pool}}, pool.Close, nil
	case kindStatement:
		return statement{tables{pool: pool}}, pool.Close, nil
	default:
		pool.Close()
		return nil, nil, fmt.Errorf("%q is not one of %s, %s, %s", kind, kindNoop, kindForUpdate, kindStatement)
	}
}

func baselineHandler(commands rest.Commands, log *slog.Logger) (http.Handler, error) {
	accounts, err := identity.New(nil, identity.Options{AccessSecret: []byte(accessSecret), RefreshSecret: []byte(refreshSecret)})
	if err != nil {
		return nil, err
	}
	return rest.New(rest.Options{
		Commands: commands, Accounts: accounts, NoRateLimits: true,
		Logger: log, Metrics: prometheus.NewRegistry(),
	})
}
