// Command onsale sells tickets: see onsale --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"
	_ "time/tzdata" // so that every machine knows every time zone

	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
)

// Exit codes.
const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
	// exitStopped says that the command was told to stop (Ctrl-C, SIGTERM) and did, before its end. What serves has no other
	// end, and exits with 0.
	exitStopped = 130
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run carries out the command line and returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)

	used, err := root.ExecuteContextC(ctx)
	onsale := paletteOf(stderr).red("onsale:")
	var failed *failure
	switch {
	case err == nil:
		return exitDone
	case ctx.Err() != nil:
		if errors.Is(err, context.Canceled) { // how far it came is of no interest
			err = errors.New("stopped before its end")
		}
		fmt.Fprintf(stderr, "%s %v\n", onsale, err)
		return exitStopped
	case errors.As(err, &failed):
		fmt.Fprintf(stderr, "%s %v\n", onsale, failed.err)
		return exitFailed
	default:
		fmt.Fprintf(stderr, "%s %s\n\nRun '%s --help' for usage.\n", onsale, strings.TrimRight(err.Error(), "\n"), used.CommandPath())
		return exitUsage
	}
}

// A failure is the error of a command that was used rightly.
type failure struct{ err error }

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

// A task is what a command does, given the configuration.
type task func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error

// withConfig makes a cobra action of a task: settings that are wrong, or that suits finds to be wrong for it, are wrong use;
// what the task returns is failure.
func withConfig(suits func(config.Config) error, t task) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, _ []string) error {
		c, err := loaded(config.Load)
		if err != nil {
			return err
		}
		if err := suits(c); err != nil {
			return err
		}
		if err := t(cmd.Context(), c, newLogger(c.LogFormat, cmd.ErrOrStderr()), cmd.OutOrStdout()); err != nil {
			return &failure{err}
		}
		return nil
	}
}

// loaded returns the settings of the process as load makes them.
func loaded[C any](load func(map[string]string) (C, error)) (c C, err error) {
	settings, err := config.Environ()
	if err != nil {
		return c, err
	}
	if c, err = load(settings); err != nil {
		return c, fmt.Errorf("these settings are wrong:\n%w", err)
	}
	return c, nil
}

// always suits every configuration.
func always(config.Config) error { return nil }

func newLogger(format string, to io.Writer) *slog.Logger {
	if format == "json" {
		return slog.New(slog.NewJSONHandler(to, nil))
	}
	return slog.New(slog.NewTextHandler(to, nil))
}
