package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
	"onsale/projections/verify"
)

func verifyCommand() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Replay the whole log, and hold it and the read tables against the rules",
		Long: "Replay the whole log, check every rule at every event, and compare the read tables\n" +
			"and snapshots with what the log adds up to. Everything is looked at as it was at one\n" +
			"instant, and nothing is changed: it may run while serve sells.\n\n" +
			"The exit code is 0 when no rule is broken, and 1 when one is. Wrong read tables are\n" +
			"mended by 'onsale projections rebuild', wrong snapshots by deleting them.",
		Example: examples(
			"onsale verify",
			"onsale verify --json | jq .clean",
		),
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = withConfig(always, func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
		// The database is not opened as by other commands, which would migrate it and make what is missing.
		db := &database{url: c.DatabaseURL, dir: c.DataDir}
		if err := db.reach(ctx, c, log, true); err != nil {
			return err
		}
		return errors.Join(verifyDatabase(ctx, db.url, out, cmd.ErrOrStderr(), asJSON), db.close())
	})
	return cmd
}

// A verified is what is printed: a report, and how long it took.
type verified struct {
	Clean bool `json:"clean"`
	verify.Report
	ElapsedSeconds  float64 `json:"elapsedSeconds"`
	EventsPerSecond float64 `json:"eventsPerSecond"`
}

func verifyDatabase(ctx context.Context, url string, out, progressTo io.Writer, asJSON bool) error {
	began, bar := time.Now(), newProgress(progressTo, "verifying", "events")
	report, err := verify.Verify(ctx, url, verify.Options{Progress: bar.at})
	bar.end()
	if ctx.Err() != nil {
		return errors.New("verify: stopped before its end")
	}
	if err != nil {
		return err
	}
	took := time.Since(began).Seconds()
	v := verified{report.Clean(), report, took, float64(report.Events) / took}
	if asJSON {
		err = printJSON(out, v)
	} else {
		err = v.print(out)
	}
	if err == nil && !v.Clean {
		err = fmt.Errorf("verify: rules are broken in %d places", v.Violations)
	}
	return err
}

func (v verified) print(out io.Writer) error {
	p, colours := printer{to: out}, paletteOf(out)
	p.line("Verified %d events of %d sales with %d bookings in %.1f s (%.0f events/s).\n",
		v.Events, v.Sales, v.Bookings, v.ElapsedSeconds, v.EventsPerSecond)
	for _, c := range v.Checks {
		p.line("%s  %-14s  %s", verdict(c, colours), c.Name, c.Promise)
		for _, violation := range c.First {
			p.line("          - %s: expected %s; found %s", place(violation), violation.Expected, violation.Found)
		}
		if more := c.Broken - int64(len(c.First)); more > 0 {
			p.line("          - and %d more", more)
		}
	}
	p.line("")
	for _, projection := range v.Projections {
		state := "up to date"
		if projection.Behind > 0 {
			state = fmt.Sprintf("%d events behind", projection.Behind)
		}
		if projection.Halted != "" {
			state += ", halted: " + projection.Halted
		}
		p.line("%s: compared at position %d, %s", projection.Name, projection.Position, state)
	}
	if v.Clean {
		p.line("\n%s", colours.green("No rule is broken."))
	}
	return p.err
}

// verdict is eight characters wide, or as many as it takes.
func verdict(c verify.Check, colours palette) string {
	switch {
	case c.Broken == 0:
		return fmt.Sprintf("%8s", "ok")
	case c.Warning:
		return colours.yellow(fmt.Sprintf("%8s", fmt.Sprintf("warn %d", c.Broken)))
	default:
		return colours.red(fmt.Sprintf("%8s", fmt.Sprintf("BAD %d", c.Broken)))
	}
}

func place(v verify.Violation) string {
	text := fmt.Sprintf("at position %d", v.Position)
	if v.Stream != uuid.Nil {
		text += fmt.Sprintf(", sale %s", v.Stream)
	}
	if v.Version != 0 {
		text += fmt.Sprintf(", version %d", v.Version)
	}
	return text
}

// A printer prints lines until it fails.
type printer struct {
	to  io.Writer
	err error
}

func (p *printer) line(format string, args ...any) {
	if p.err == nil {
		_, p.err = fmt.Fprintf(p.to, format+"\n", args...)
	}
}
