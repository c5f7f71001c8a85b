package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
)

func serveCommand() *cobra.Command {
	var withSeed bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Sell: serve the API and the dashboard",
		Long:  "Serve the API and the dashboard until told to stop (Ctrl-C).\n\nThe database is migrated first. With no DATABASE_URL, a private PostgreSQL is\nstarted in the data folder and stopped at the end.",
		Args:  cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&withSeed, "seed", false, "fill an empty database with demo accounts and events first")
	cmd.RunE = withConfig(func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
		return serve(ctx, c, log, out, withSeed)
	})
	return cmd
}

func serve(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer, withSeed bool) error {
	n, err := startNode(ctx, c, log)
	if err != nil {
		if ctx.Err() != nil {
			return nil // told to stop while starting
		}
		return err
	}
	if withSeed {
		err = seed(ctx, c, n.core, out)
	}
	if err == nil {
		n.welcome(out)
		err = n.wait(ctx)
		log.Info("stopping: requests in flight are answered first")
	}
	return errors.Join(err, n.stop())
}
