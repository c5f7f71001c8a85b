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
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Bring the database up to this program's schema",
		Long:  "Bring the database up to this program's schema, and make the read tables.\n\nserve does this by itself when it starts. Several may run at once.",
		Example: examples(
			"onsale migrate",
			"DATABASE_URL=postgresql://user:password@db:5432/tickets onsale migrate",
			"onsale migrate --json | jq .schema",
		),
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = withConfig(always, func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
		return withDatabase(ctx, c, log, func(*database) error {
			if asJSON {
				return printJSON(out, struct {
					Schema int32 `json:"schema"`
				}{migrations.Latest()})
			}
			_, err := fmt.Fprintf(out, "The database is at schema %d.\n", migrations.Latest())
			return err
		})
	})
	return cmd
}
