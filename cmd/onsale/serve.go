package main

import (
	"context"
	"errors"
	"io"
	"log/slog"

	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
	"onsale/transport/ballast"
)

func serveCommand() *cobra.Command {
	var withSeed bool
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Sell: serve the API and the dashboard",
		Long:  "Serve the API and the dashboard until told to stop (Ctrl-C), to this machine only\nunless LISTEN_HOST says otherwise.\n\nThe database is migrated first. With no DATABASE_URL, a private PostgreSQL is\nstarted in the data folder and stopped at the end.",
		Example: examples(
			"onsale serve --seed",
			"DATABASE_URL=postgresql://user:password@db:5432/tickets onsale serve",
		),
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&withSeed, "seed", false, "fill an empty database with demo accounts and events first")
	suits := func(c config.Config) error {
		if withSeed {
			return notForProduction(c)
		}
		return nil
	}
	cmd.RunE = withConfig(suits, func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
		return serve(ctx, c, log, out, withSeed)
	})
	return cmd
}

func serve(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer, withSeed bool) error {
	ballast.Load()
	n, err := openNode(ctx, c, log)
	if err == nil && withSeed {
		err = seed(ctx, n.core, out)
	}
	if err == nil {
		err = n.serve(c)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		err = nil // told to stop while starting
	case err == nil:
		n.welcome(out, c)
		err = n.wait(ctx)
		log.Info("stopping: requests in flight are answered first")
	}
	return errors.Join(err, n.stop())
}
