package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
)

func postgresCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "postgres",
		Short: "Run the private PostgreSQL by itself, and tell where",
		Long: "Run the private PostgreSQL of the data folder by itself, for psql, pg_dump and the like,\nuntil Ctrl-C. Its address is the only line on standard output.\n\n" +
			"Where a running serve, or another such command, has it up already, the address is told\nand that is all: pg_dump --file=onsale.dump \"$(onsale postgres)\"",
		Example: examples("onsale postgres"),
		Args:    cobra.NoArgs,
		RunE:    withConfig(withoutDatabaseURL, runPostgres),
	}
}

// withoutDatabaseURL refuses where there is no private PostgreSQL.
func withoutDatabaseURL(c config.Config) error {
	if c.DatabaseURL != "" {
		return errors.New("the database is the one at DATABASE_URL: there is no private PostgreSQL to run")
	}
	return nil
}

func runPostgres(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
	db := database{dir: c.DataDir}
	if err := db.reach(ctx, c, log, true); err != nil {
		return err
	}
	fmt.Fprintln(out, db.url)
	if db.server == nil {
		return nil
	}
	select {
	case <-ctx.Done():
	case <-db.ended():
		return errors.Join(errors.New("the private PostgreSQL has ended"), db.server.Err())
	}
	return db.close()
}
