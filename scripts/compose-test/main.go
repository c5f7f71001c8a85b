// Compose-test brings up docker-compose.yml as a newcomer would, sells, breaks
// things, and looks whether anything was lost.
//
//	go run ./scripts/compose-test        from the root of the repository
//
// It uses a project, ports and an image of its own, reads no .env, and removes
// everything it made, volumes too, also when it fails or is interrupted. Every
// wait is for something, and bounded. What needs an image that can neither be
// found nor pulled is skipped, and said to be.
//
// The exit code is 0 for a pass and 1 for a failure. Where no Docker engine
// answers, nothing is tested: that is said loudly, and is a failure only in
// continuous integration (CI is set).
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once, and leaves what it made
	os.Exit(run(ctx, os.Stdout))
}

func run(ctx context.Context, out io.Writer) int {
	p, err := newProject(ctx)
	if missing := (*noEngineError)(nil); errors.As(err, &missing) {
		fmt.Fprintf(out, "\n*** NO DOCKER ENGINE ANSWERS: docker-compose.yml IS NOT TESTED. (%v) ***\n\n", missing)
		if os.Getenv("CI") != "" {
			return 1
		}
		return 0
	}
	if err != nil {
		fmt.Fprintf(out, "compose-test: %v\n", err)
		return 1
	}
	skipped, err := runSteps(ctx, p, out)
	if skipped > 0 && err == nil && os.Getenv("CI") != "" {
		err = fmt.Errorf("%d steps were skipped, which CI does not take", skipped)
		fmt.Fprintf(out, "compose-test: %v\n", err)
	}
	if err != nil && ctx.Err() == nil {
		fmt.Fprintf(out, "\n%s\n", p.logs(ctx))
	}
	if gone := p.remove(context.WithoutCancel(ctx)); gone != nil {
		fmt.Fprintf(out, "compose-test: clean up: %v\n", gone)
		err = errors.Join(err, gone)
	}
	switch {
	case ctx.Err() != nil:
		fmt.Fprintln(out, "\ninterrupted, no verdict")
		return 1
	case err != nil:
		fmt.Fprintln(out, "\nCOMPOSE TEST FAILED")
		return 1
	}
	fmt.Fprintf(out, "\nCOMPOSE TEST PASSED%s\n", but(skipped))
	return 0
}

// but says what a verdict leaves out.
func but(skipped int) string {
	if skipped == 0 {
		return ""
	}
	return fmt.Sprintf(", BUT %d STEPS WERE SKIPPED", skipped)
}

// runSteps runs one step after the other and stops at the first that fails: the next ones build on it.
func runSteps(ctx context.Context, p *project, out io.Writer) (skipped int, err error) {
	for _, s := range steps {
		fmt.Fprintf(out, "     …      %s\n", s.promise)
		began := time.Now()
		err := s.run(ctx, p)
		seconds := time.Since(began).Seconds()
		var skip *skippedError
		switch {
		case errors.As(err, &skip):
			skipped++
			fmt.Fprintf(out, "SKIP        %s: %v\n", s.promise, skip)
		case err != nil:
			fmt.Fprintf(out, "FAIL %5.1fs %s\n%s\n", seconds, s.promise, indent(err.Error()))
			return skipped, err
		default:
			fmt.Fprintf(out, "ok   %5.1fs %s\n", seconds, s.promise)
		}
	}
	return skipped, nil
}

// A skippedError says why a step was not taken.
type skippedError struct{ why string }

func (s *skippedError) Error() string { return s.why }

func indent(text string) string {
	return "            " + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n            ")
}
