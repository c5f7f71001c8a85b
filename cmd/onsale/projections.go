package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
	"onsale/eventstore"
	"onsale/projections"
)

func projectionsCommand() *cobra.Command {
	cmd := group(&cobra.Command{
		Use:   "projections",
		Short: "Look at the read tables, and make them anew from the log",
		Example: examples(
			"onsale projections list",
			"onsale projections rebuild listings",
		),
	}, "projections list, or projections rebuild?")
	cmd.AddCommand(listProjectionsCommand(), rebuildCommand(), dropCommand())
	return cmd
}

func listProjectionsCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "list",
		Short: "Tell how far each projection is",
		Long: "Tell how far each projection is in the log: its position, how many events are beyond\n" +
			"that (lag), and how long the first of these has been waiting (behind). One that is\n" +
			"halted has met an event that it cannot apply, and says which.",
		Example: examples(
			"onsale projections list",
			"onsale projections list --json | jq '.[] | select(.lag > 1000)'",
		),
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = withConfig(always, func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
		return withDatabase(ctx, c, log, func(db *database) error {
			generations, err := projections.Generations(ctx, db.pool)
			if err != nil {
				return err
			}
			if asJSON {
				return printGenerationsJSON(out, generations)
			}
			return printGenerations(out, generations)
		})
	})
	return cmd
}

func printGenerations(out io.Writer, generations []projections.Generation) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "NAME\tGENERATION\tVERSION\tSTATE\tPOSITION\tLAG\tBEHIND\tHALTED")
	for _, g := range generations {
		fmt.Fprintf(table, "%s\t%d\t%d\t%s\t%d\t%d\t%s\t%s\n",
			g.Name, g.Generation, g.Version, g.State, g.Position, g.Lag, g.Behind.Round(time.Millisecond), g.Halted)
	}
	return table.Flush()
}

func printGenerationsJSON(out io.Writer, generations []projections.Generation) error {
	type line struct {
		Name          string  `json:"name"`
		Generation    int     `json:"generation"`
		Version       int     `json:"version"`
		State         string  `json:"state"`
		Position      int64   `json:"position"`
		Lag           int64   `json:"lag"`
		BehindSeconds float64 `json:"behindSeconds"`
		Halted        string  `json:"halted,omitempty"`
	}
	lines := make([]line, len(generations))
	for i, g := range generations {
		lines[i] = line{g.Name, g.Generation, g.Version, g.State, g.Position, g.Lag, g.Behind.Seconds(), g.Halted}
	}
	return printJSON(out, lines)
}

func dropCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "drop",
		Short: "Drop the tables that rebuild --keep has kept",
		Long: "Drop the tables that rebuild --keep has kept. Nobody reads them; they only take room,\n" +
			"and a look at what the tables were before.",
		Example: examples("onsale projections drop"),
		Args:    cobra.NoArgs,
		RunE: withConfig(always, func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
			return withDatabase(ctx, c, log, func(db *database) error {
				conn, err := db.pool.Acquire(ctx)
				if err != nil {
					return fmt.Errorf("connect to the database: %w", err)
				}
				defer conn.Release()
				dropped, err := projections.DropRetired(ctx, conn.Conn())
				if err == nil {
					fmt.Fprintf(out, "Dropped %d retired generations.\n", dropped)
				}
				return err
			})
		}),
	}
}

func rebuildCommand() *cobra.Command {
	var all, keep bool
	cmd := &cobra.Command{
		Use:   "rebuild [NAME…]",
		Short: "Make read tables anew from the log, beside those that are read",
		Long: "Make read tables anew from the log. The new ones are made beside those that are read,\n" +
			"while serve runs and sells, and take their place, each projection's in one transaction:\n" +
			"readers see no gap. Interrupted, it leaves those whose turn had not come as they were,\n" +
			"and can be run again.",
		Example: examples(
			"onsale projections rebuild listings",
			"onsale projections rebuild --all --keep",
		),
		ValidArgsFunction: unnamedProjections,
	}
	cmd.Flags().BoolVar(&all, "all", false, "rebuild all projections")
	cmd.Flags().BoolVar(&keep, "keep", false, "keep the tables that are replaced")
	cmd.RunE = func(cmd *cobra.Command, names []string) error {
		chosen, err := choose(names, all)
		if err != nil {
			return err
		}
		return withConfig(always, func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
			return withDatabase(ctx, c, log, func(db *database) error {
				return rebuild(ctx, db, out, cmd.ErrOrStderr(), keep, chosen)
			})
		})(cmd, names)
	}
	return cmd
}

// unnamedProjections completes the names that have not been given.
func unnamedProjections(_ *cobra.Command, given []string, _ string) ([]string, cobra.ShellCompDirective) {
	names := slices.DeleteFunc(projectionNames(), func(name string) bool { return slices.Contains(given, name) })
	return names, cobra.ShellCompDirectiveNoFileComp
}

func projectionNames() []string {
	var names []string
	for _, p := range projections.All() {
		names = append(names, p.Name)
	}
	return names
}

// choose returns the projections of the given names.
func choose(names []string, all bool) ([]projections.Projection, error) {
	switch {
	case all && len(names) > 0:
		return nil, errors.New("name projections, or say --all, not both")
	case all:
		return projections.All(), nil
	case len(names) == 0:
		return nil, fmt.Errorf("which projections? %s, or --all", strings.Join(projectionNames(), ", "))
	}
	known := make(map[string]projections.Projection)
	for _, p := range projections.All() {
		known[p.Name] = p
	}
	chosen := make(map[string]projections.Projection)
	var list []projections.Projection
	for _, name := range names {
		p, ok := known[name]
		if !ok {
			return nil, fmt.Errorf("there is no projection %q: there are %s", name, strings.Join(projectionNames(), ", "))
		}
		if _, twice := chosen[name]; !twice {
			chosen[name] = p
			list = append(list, p)
		}
	}
	return list, nil
}

func rebuild(ctx context.Context, db *database, out, progressTo io.Writer, keep bool, chosen []projections.Projection) error {
	var names []string
	for _, p := range chosen {
		names = append(names, p.Name)
	}
	what := strings.Join(names, ", ")
	began, bar := time.Now(), newProgress(progressTo, "rebuilding "+what, "events")
	var events int64
	err := projections.Rebuild(ctx, db.pool, eventstore.New(db.log), projections.RebuildOptions{
		Keep: keep, Progress: func(at, head int64) { events = max(events, at); bar.at(at, head) },
	}, chosen...)
	bar.end()
	if ctx.Err() != nil {
		return errors.New("stopped before its end: what was not replaced yet is as it was")
	}
	if err != nil {
		return err
	}
	took := time.Since(began)
	fmt.Fprintf(out, "Rebuilt %s from %d events in %s (%.0f events/s).\n",
		what, events, took.Round(time.Millisecond), float64(events)/took.Seconds())
	return nil
}
