package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
)

// byOperator is the correlation id of what was done at the command line: no request caused it, and no user.
const byOperator = "operator"

func adminCommand() *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "admin",
		Short: "List events, close a sale, cancel a booking, make a user admin",
		Long: "Intervene as the operator, beside a running serve or without one. What is done to a sale\n" +
			"goes the way of everything else: it is decided by the same rules, and recorded in the log\n" +
			"for good. A running serve notices at once, for its next append finds the log ahead of it.",
		Example: examples(
			"onsale admin events",
			"onsale admin user buyer1@onsale.example --role admin",
		),
	}, "admin events, admin close, admin cancel, or admin user?")
	asJSON := cmd.PersistentFlags().Bool("json", false, "print JSON")
	cmd.AddCommand(listEventsCommand(asJSON), closeSaleCommand(asJSON), cancelBookingCommand(asJSON), setRoleCommand(asJSON))
	return cmd
}

// withDatabaseOf is withConfig for what only needs the database.
func withDatabaseOf(t func(ctx context.Context, db *database, log *slog.Logger, out io.Writer) error) func(*cobra.Command, []string) error {
	return withConfig(always, func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
		return withDatabase(ctx, c, log, func(db *database) error { return t(ctx, db, log, out) })
	})
}

// withCoreOf is withConfig for what goes through the write side.
func withCoreOf(t func(ctx context.Context, core *core, out io.Writer) error) func(*cobra.Command, []string) error {
	return withConfig(always, func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
		return withDatabase(ctx, c, log, func(db *database) error {
			return withCore(db, c, log, func(core *core) error { return t(ctx, core, out) })
		})
	})
}

// idOf reads the id that an argument has to be.
func idOf(what, text string) (uuid.UUID, error) {
	id, err := uuid.Parse(text)
	if err != nil || len(text) != 36 {
		return uuid.Nil, fmt.Errorf("%s: %q is not an id such as 01900000-0000-7000-8000-000000000001", what, text)
	}
	return id, nil
}

// must is for what only a mistake in this program can make fail.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
