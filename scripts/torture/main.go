// Command torture proves that what Onsale promises holds while everything around it fails. Its promise: when it says that a
// round was good,
//
//   - the answers that clients got from two nodes fit one order of all calls, in which each took place at one moment
//     between its call and its answer (linearizability, by porcupine: https://github.com/anishathalye/porcupine), by a model
//     of a sale that shares no code with the program: seats left in each section, every buyer's claims, idempotency keys,
//     holds that run out, and the version and remaining count that answers tell. A booking that is paid for has two such
//     moments: its seats are taken, and it is confirmed;
//   - a call without an answer took place once, at any time after it, or never. Which of them is the log's word, by the
//     X-Request-Id that each call has; the model then has to agree with it;
//   - a refusal was true at some moment between call and answer; a call that promised to have done nothing did nothing;
//   - a hold or a payment ran out only after some node's clock had come to its time, and, where it had for certain, its
//     seats were free for who wanted them;
//   - in the end the sale is what the log adds up to, by arithmetic of this program's own: every acknowledgement is in the
//     log, once, where it was told to be; no seat was sold twice at any version; nothing is there that was refused;
//   - each read showed sales as they were at some version: GET /events/{id} and GET /events at the version that they tell,
//     GET /bookings and GET /holds at one at which the buyer had just that. It is not older than what the node had acknowledged
//     or had shown before, nor than the Onsale-Position that was sent, and not newer than the answer; and a list of events is of
//     one position of the log. Reads of read tables promise no more, so they are not part of the linearizability check;
//   - onsale verify finds nothing.
//
// It does not check: payments that fail (the simulated gateway declines nobody), sales that start or are closed, accounts and
// tokens, live counts, searches and pages, faults of the disk, a PostgreSQL that forgets what it has confirmed, and one that is
// restored from a backup: that takes back what was acknowledged, so that one history becomes two. Which holds an
// order lets expire, where more are due than it needs, is left open. A nemesis's plan depends on the seed alone; what it meets
// depends on the machine, so the same seed may show a fault of the program in one run and not in the next.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

const (
	exitGood  = 0
	exitBad   = 1 // something was found
	exitUsage = 2
	exitNone  = 3 // no verdict, or what was broken on purpose was not caught
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once, and the kernel what it has started
	os.Exit(run(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// run is the whole program; it returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parse(args)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(stdout, usage)
		return exitGood
	case err != nil:
		fmt.Fprintf(stderr, "torture: %v\nTry --help.\n", err)
		return exitUsage
	}
	report, err := torture(ctx, o, stderr)
	if err != nil {
		fmt.Fprintf(stderr, "torture: %v\n", err)
	}
	report.conclude(err)
	if printing := report.print(stdout, o.json); printing != nil {
		fmt.Fprintf(stderr, "torture: %v\n", printing)
		return exitNone
	}
	return report.Verdict.exitCode()
}
