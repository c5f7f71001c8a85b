package main

import (
	"context"
	"crypto/rand"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"
)

const (
	exitPassed = 0
	exitFailed = 1
	exitUsage  = 2
)

// world is what a run takes from outside itself.
type world struct {
	getenv         func(string) string
	now            func() time.Time
	random         func() string // a fresh string of letters and digits, at least 16 long
	pause          func(context.Context, time.Duration) error
	stdout, stderr io.Writer
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	os.Exit(run(ctx, os.Args[1:], world{
		getenv: os.Getenv,
		now:    time.Now,
		random: rand.Text,
		pause:  pause,
		stdout: os.Stdout,
		stderr: os.Stderr,
	}))
}

// run is the whole program; it returns the exit code.
func run(ctx context.Context, args []string, w world) int {
	o, err := parse(args, w.getenv)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(w.stdout, usage)
		return exitPassed
	case err != nil:
		fmt.Fprintf(w.stderr, "race: %s\nTry --help.\n", strings.ReplaceAll(err.Error(), "\n", "\nrace: "))
		return exitUsage
	}
	passed, err := runScenarios(ctx, o, w)
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(w.stderr, "race: interrupted, no verdict")
		return exitFailed
	case err != nil:
		fmt.Fprintf(w.stderr, "race: %s\n", explain(err, o.url))
		return exitFailed
	case !passed:
		return exitFailed
	}
	return exitPassed
}

// runScenarios runs every scenario asked for, also after one has failed, with
// the same buyers. An error means that no verdict could be reached.
func runScenarios(ctx context.Context, o options, w world) (passed bool, err error) {
	var told sync.Once
	s := &server{base: o.url, timeout: o.timeout, pause: func(ctx context.Context, d time.Duration) error {
		told.Do(func() { fmt.Fprintf(w.stderr, "The server is busy and asks to wait %s ...\n", d) })
		return w.pause(ctx, d)
	}}
	users := 0
	for _, sc := range o.scenarios {
		users = max(users, sc.users)
	}
	fmt.Fprintf(w.stderr, "Registering %s at %s ...\n", count(users, "buyer"), o.url)
	buyers, err := register(ctx, s, users, w)
	defer hangUp(buyers)
	if err != nil {
		return false, err
	}

	passed = true
	for i, sc := range o.scenarios {
		if i > 0 {
			fmt.Fprintln(w.stdout)
		}
		won, err := runScenario(ctx, s, sc, buyers[:sc.users], w)
		if err != nil {
			return false, err
		}
		passed = passed && won
	}
	return passed, nil
}

func runScenario(ctx context.Context, s *server, sc scenario, buyers []*client, w world) (passed bool, err error) {
	watcher := s.connect(buyers[0].token)
	defer watcher.hangUp()
	st, err := prepare(ctx, sc, buyers, watcher, w.now())
	if err != nil {
		return false, err
	}

	printStart(w.stdout, sc, st)
	stopWatching := watch(ctx, watcher, st)
	outcomes, took := race(ctx, buyers, st, sc.quantity)
	seen := stopWatching()
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	end := inspect(ctx, buyers, watcher, st)
	if ctx.Err() != nil {
		return false, ctx.Err()
	}

	v := judge(st, sc.quantity, outcomes, seen, end)
	printNotes(w.stderr, outcomes, took, seen)
	printVerdict(w.stdout, v, newPaint(w.stdout, w.getenv))
	return v.passed(), nil
}

// explain says in plain words why there is no verdict.
func explain(err error, url string) string {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return fmt.Sprintf("no server can be reached at %s (%s). Start one with `make run`, or name another with --url.", url, rootCause(err))
	}
	var a *answerError
	if errors.As(err, &a) && a.status == 404 && a.code == "" {
		return fmt.Sprintf("%s. Is %s the address of an Onsale API?", err, url)
	}
	return err.Error()
}
