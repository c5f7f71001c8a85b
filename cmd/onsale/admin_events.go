package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"onsale/eventstore"
	"onsale/projections"
	"onsale/query"
)

func listEventsCommand(asJSON *bool) *cobra.Command {
	return &cobra.Command{
		Use:   "events",
		Short: "List the events, with what became of their seats",
		Long: "List the events, those that start first first, with what became of the seats that were put\n" +
			"on sale: remaining, held for somebody, booked. A sale is open, sold out, over (the event\n" +
			"has started) or closed (by 'onsale admin close').",
		Example: examples(
			"onsale admin events",
			"onsale admin events --json | jq -r '.[] | select(.state == \"open\") | .id'",
		),
		Args: cobra.NoArgs,
		RunE: withDatabaseOf(func(ctx context.Context, db *database, log *slog.Logger, out io.Writer) error {
			if err := catchUpListings(ctx, db, log); err != nil {
				return err
			}
			events, err := query.New(db.pool).Overview(ctx)
			if err != nil {
				return err
			}
			if *asJSON {
				return printEventsJSON(out, events, time.Now())
			}
			return printEvents(out, events, time.Now())
		}),
	}
}

// catchUpTimeout bounds how long a list waits to have everything.
const catchUpTimeout = 10 * time.Second

// catchUpListings applies to the listings what the log has beyond them: there may be no serve that does. Where it cannot, that
// is told, and the list is as old as it is.
func catchUpListings(ctx context.Context, db *database, log *slog.Logger) error {
	store := eventstore.New(db.log)
	head, err := store.Head(ctx)
	if err != nil {
		return err
	}
	positions, err := query.New(db.pool).Positions(ctx)
	if err != nil || positions[query.ListingsView] >= head {
		return err
	}
	runner := projections.NewRunner(db.pool, store, projections.Options{Log: log}, projections.Listings())
	running, stop := context.WithCancel(ctx)
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(running) }()
	waiting, cancel := context.WithTimeout(ctx, catchUpTimeout)
	defer cancel()
	behind := runner.CatchUp(waiting, head)
	stop()
	if err := <-ended; err != nil {
		return err
	}
	if behind != nil && ctx.Err() == nil {
		log.Warn("the list is older than the log: see 'onsale projections list'", "error", behind)
	}
	return ctx.Err()
}

// stateOf says whether something can still be bought.
func stateOf(o query.Overview, now time.Time) string {
	switch {
	case !o.StartsAt.IsZero() && !now.Before(o.StartsAt):
		return "over"
	case o.Closed:
		return "closed"
	case o.Remaining == 0:
		return "sold out"
	}
	return "open"
}

func printEvents(out io.Writer, events []query.Overview, now time.Time) error {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tSTARTS\tSTATE\tON SALE\tREMAINING\tHELD\tBOOKED\tTITLE")
	for _, e := range events {
		starts := "-"
		if !e.StartsAt.IsZero() {
			starts = e.StartsAt.Format("2006-01-02 15:04 MST")
		}
		title := strings.Join(strings.Fields(e.Title), " ") // which may have line breaks
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%d\t%s\n",
			e.ID, starts, stateOf(e, now), e.OnSale, e.Remaining, e.Held, e.Booked, title)
	}
	return table.Flush()
}

func printEventsJSON(out io.Writer, events []query.Overview, now time.Time) error {
	type line struct {
		ID        uuid.UUID  `json:"id"`
		Title     string     `json:"title"`
		StartsAt  *time.Time `json:"startsAt"`
		State     string     `json:"state"`
		OnSale    int        `json:"onSale"`
		Remaining int        `json:"remaining"`
		Held      int        `json:"held"`
		Booked    int        `json:"booked"`
	}
	lines := make([]line, len(events))
	for i, e := range events {
		lines[i] = line{ID: e.ID, Title: e.Title, State: stateOf(e, now), OnSale: e.OnSale, Remaining: e.Remaining, Held: e.Held, Booked: e.Booked}
		if !e.StartsAt.IsZero() {
			lines[i].StartsAt = &e.StartsAt
		}
	}
	return printJSON(out, lines)
}
