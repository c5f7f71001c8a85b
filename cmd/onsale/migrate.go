package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
	"onsale/migrations"
)

func migrateCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to this program's schema",
		Long:  "Bring the database up to this program's schema, and make the read tables.\n\nserve does this by itself when it starts. Several may run at once.",
		Args:  cobra.NoArgs,
		RunE: withConfig(always, func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
			db, err := openDatabase(ctx, c, log, true)
			if err != nil {
				return err
			}
			fmt.Fprintf(out, "The database is at schema %d.\n", migrations.Latest())
			return db.close()
		}),
	}
}
