package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"
)

const usage = `Torture Onsale: two nodes on one PostgreSQL, clients that book, hold, confirm, release, cancel and read, and a
nemesis that kills, stops, cuts, delays, loses replies and moves clocks. Every answer is written down, and the history
checked for linearizability; then the log is held against the answers, and 'onsale verify' is asked.

  go run ./scripts/torture [flags]

  --for 10m        play rounds for so long; the round that is on is finished
  --rounds 0       play so many rounds instead
  --length 10s     how long the clients of a round call
  --seed 0         the first round's seed; the others follow from it. 0: a new one, which is told
  --break ""       fence: appends do not check the version that they follow; lost: an acknowledged booking is taken out
                   of the log; tables: read tables do not wait for the disk, and PostgreSQL is killed under stopped nodes.
                   The first two have to be found by porcupine and onsale verify, the last one by a read; it may take
                   a few rounds
  --json           print the report as JSON
  --keep DIR       where the history of a failing round is written (a folder torture-SEED in the temporary folder)
  --program PATH   an onsale that was built with '-tags torture'; empty: it is built

The last line says what came of it: PASSED, FAILED, NO VERDICT, or with --break CAUGHT or NOT CAUGHT. The exit code is

  0  nothing was wrong: PASSED
  1  something was found: FAILED, or CAUGHT by all who must find it
  2  wrong use
  3  nobody knows: NO VERDICT, where it was interrupted, or could not be built or played, or too little happened to show
     anything; or NOT CAUGHT, where somebody did not find what was broken on purpose

'go run' turns each but 0 into 1, and make into 2; both print it. bin/torture, which 'make torture' builds, does not.
`

type options struct {
	duration time.Duration
	rounds   int
	length   time.Duration
	seed     uint64
	sin      sin
	json     bool
	keep     string
	program  string
}

func parse(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("torture", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.DurationVar(&o.duration, "for", 10*time.Minute, "")
	flags.IntVar(&o.rounds, "rounds", 0, "")
	flags.DurationVar(&o.length, "length", 10*time.Second, "")
	flags.Uint64Var(&o.seed, "seed", 0, "")
	flags.StringVar((*string)(&o.sin), "break", "", "")
	flags.BoolVar(&o.json, "json", false, "")
	flags.StringVar(&o.keep, "keep", "", "")
	flags.StringVar(&o.program, "program", "", "")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	switch {
	case flags.NArg() > 0:
		return o, fmt.Errorf("%q is no flag", flags.Arg(0))
	case o.rounds < 0 || o.length < time.Second || o.duration <= 0:
		return o, errors.New("--rounds is 0 or more, --length 1s or more, --for more than 0")
	case !slices.Contains(sins, o.sin):
		return o, errors.New("--break is fence, lost or tables")
	}
	if o.seed == 0 {
		o.seed = rand.Uint64()
	}
	return o, nil
}

// seedOf is the seed of a round, from 0 on; the first is the one that was given, so that it can be played again alone.
func (o options) seedOf(round int) uint64 { return o.seed + uint64(round)*0x9e3779b97f4a7c15 }
