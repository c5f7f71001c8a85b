package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	exitDone   = 0
	exitFailed = 1
	exitUsage  = 2
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second Ctrl-C ends the program at once
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
	var usage *usageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		os.Exit(exitDone)
	case ctx.Err() != nil:
		fmt.Fprintln(os.Stderr, "bench: stopped before its end") // what broke off is of no interest
		os.Exit(exitFailed)
	case errors.As(err, &usage):
		fmt.Fprintf(os.Stderr, "bench: %v\nTry --help.\n", err)
		os.Exit(exitUsage)
	default:
		fmt.Fprintf(os.Stderr, "bench: %v\n", err)
		os.Exit(exitFailed)
	}
}

// usageError is that of who called.
type usageError struct{ error }

// run is the program, in one of its roles.
func run(ctx context.Context, args []string, in io.Reader, out, log io.Writer) error {
	role := ""
	if len(args) > 0 {
		role = args[0]
	}
	switch role {
	case "server":
		if len(args) != 2 {
			return &usageError{errors.New("server: which one?")}
		}
		return serveBaseline(ctx, args[1], os.Getenv("DATABASE_URL"), out, log)
	case "load":
		return answer(ctx, in, out, generate)
	case "offer":
		return answer(ctx, in, out, makeOffer)
	case "disturb":
		if len(args) != 2 {
			return &usageError{errors.New("disturb: how?")}
		}
		return disturbRole(ctx, args[1], out)
	case "watch":
		if len(args) != 2 {
			return &usageError{errors.New("watch: what?")}
		}
		return watchRole(ctx, args[1], out)
	case "plot":
		if len(args) != 3 {
			return &usageError{errors.New("plot: which report, and into which folder?")}
		}
		r, err := readReport(args[1])
		if err != nil {
			return err
		}
		return plot(r, args[2])
	case "publish":
		if len(args) != 2 {
			return &usageError{errors.New("publish: which report?")}
		}
		r, err := readReport(args[1])
		if err != nil {
			return err
		}
		return publish(r, ".")
	default:
		o, err := parse(args, out)
		if err != nil {
			return err
		}
		return orchestrate(ctx, o, out, log)
	}
}

// answer carries out a role's job: JSON in, JSON out.
func answer[Job, Result any](ctx context.Context, in io.Reader, out io.Writer, do func(context.Context, Job) (Result, error)) error {
	var j Job
	if err := json.NewDecoder(in).Decode(&j); err != nil {
		return fmt.Errorf("read the job: %w", err)
	}
	result, err := do(ctx, j)
	if err != nil {
		return err
	}
	return json.NewEncoder(out).Encode(result)
}

// options is the command line.
type options struct {
	settings
	quick bool
	only  *regexp.Regexp
	json  string // a file; empty: none
	plots string // a folder; empty: none
}

const usage = `Measures Onsale against booking in plain SQL. See go doc ./scripts/bench.

  bench [flags]                 measures, and tells
  bench plot REPORT FOLDER      draws a report that --json wrote into a folder
  bench publish REPORT          makes a report of a whole run, or of a whole run of --overload, the one that the documents quote;
                                to be run in the folder of the repository

`

func parse(args []string, out io.Writer) (options, error) {
	o := options{settings: settings{Warm: 300 * time.Millisecond}}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&o.quick, "quick", false, "only the rows that say most, a second each")
	flags.BoolVar(&o.Overload, "overload", false, "only the rows of overload and disturbances, which are no part of the others (cells of 4s)")
	flags.IntVar(&o.Rounds, "rounds", 3, "how often each row is measured")
	flags.DurationVar(&o.Cell, "cell", 0, "how long each row is measured in a round (2s; with --quick 1s)")
	flags.IntVar(&o.Clients, "clients", 256, "connections of the load generator")
	only := flags.String("only", "", "only the rows whose names match this `expression`")
	sizes := flags.String("log", "0,1000000,5000000", "events in the log beforehand, in the rows that compare by these")
	flags.StringVar(&o.json, "json", "", "write all that was measured to this `file`")
	flags.StringVar(&o.plots, "plots", "", "draw plots into this `folder`")
	flags.StringVar(&o.Profiles, "profiles", "", "keep a processor profile of each cell of a node in this `folder`")
	err := flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, usage)
		flags.SetOutput(out)
		flags.PrintDefaults()
		return o, err
	}
	if o.Cell == 0 {
		o.Cell = 2 * time.Second
		if o.quick {
			o.Cell = time.Second
		}
		if o.Overload {
			o.Cell = 4 * time.Second
		}
	}
	if err == nil {
		o.only, err = regexp.Compile(*only)
	}
	for size := range strings.SplitSeq(*sizes, ",") {
		n, wrong := strconv.Atoi(size)
		if wrong != nil || n < 0 {
			err = errors.Join(err, fmt.Errorf("--log: %q is not a number of events", size))
		}
		o.Log = append(o.Log, n)
	}
	if flags.NArg() > 0 {
		err = errors.Join(err, fmt.Errorf("%q is not asked for", flags.Args()))
	}
	if o.Rounds < 1 || o.Clients < 1 || o.Cell < 10*time.Millisecond {
		err = errors.Join(err, errors.New("rounds and clients are at least 1, and a cell takes 10ms or more"))
	}
	if o.quick && o.Overload {
		err = errors.Join(err, errors.New("--quick has none of the rows of --overload: choose some of them with --only"))
	}
	if err != nil {
		return o, &usageError{err}
	}
	return o, nil
}

// promise fails where, after minutes of measuring, what was asked for could not be written.
func (o options) promise(rows []row) error {
	var problems []error
	if o.json != "" {
		problems = append(problems, writable(o.json))
	}
	if o.plots != "" {
		if !slices.ContainsFunc(rows, func(r row) bool { return drawn(r.group) }) {
			problems = append(problems, errors.New("--plots: none of these rows is drawn"))
		} else {
			problems = append(problems, os.MkdirAll(o.plots, 0o755), writable(filepath.Join(o.plots, ratesPlot)))
		}
	}
	if o.Profiles != "" {
		problems = append(problems, os.MkdirAll(o.Profiles, 0o755), writable(filepath.Join(o.Profiles, "001.pprof")))
	}
	return errors.Join(problems...)
}

// writable fails where a file cannot be written. What is there stays as it is.
func writable(file string) error {
	_, before := os.Stat(file)
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE, 0o644)
	if err != nil {
		return err
	}
	err = f.Close()
	if errors.Is(before, fs.ErrNotExist) {
		err = errors.Join(err, os.Remove(file))
	}
	return err
}
