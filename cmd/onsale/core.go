package main

import (
	"fmt"
	"log/slog"

	"onsale/cmd/internal/config"
	"onsale/command"
	"onsale/command/identity"
	"onsale/eventstore"
)

// The core is the write side on one database: what serve offers over HTTP and seed uses directly.
type core struct {
	store    *eventstore.Store // the writer's, which wakes who follows the log
	writer   *command.Writer
	commands *command.Handlers
	accounts *identity.Service
}

func newCore(db *database, c config.Config, log *slog.Logger) (*core, error) {
	access, refresh, err := c.Secrets(db.dir)
	if err != nil {
		return nil, err
	}
	accounts, err := identity.New(db.pool, identity.Options{AccessSecret: access, RefreshSecret: refresh, Clock: clock, Metrics: db.telemetry.Registerer()})
	if err != nil {
		return nil, fmt.Errorf("accounts: %w", err)
	}
	options := command.Options{HoldTTL: c.HoldTTL, Clock: clock, Log: log, Metrics: db.telemetry.Registerer()}
	if c.PaymentDelay > 0 {
		options.Payments = command.SimulatedPayments{Delay: c.PaymentDelay}
	}
	store := eventstore.New(db.log)
	writer := command.NewWriter(store, command.WriterOptions{
		Log: log, Metrics: db.telemetry.Registerer(), Tracer: db.telemetry.Tracer("onsale/command"),
	})
	return &core{
		store: store, writer: writer, accounts: accounts,
		commands: command.NewHandlers(writer, eventstore.New(db.pool), options),
	}, nil
}

// withCore does something with the write side of the database, and lets it finish.
func withCore(db *database, c config.Config, log *slog.Logger, do func(*core) error) error {
	core, err := newCore(db, c, log)
	if err != nil {
		return err
	}
	defer core.writer.Close()
	return do(core)
}
