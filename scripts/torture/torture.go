package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// torture plays rounds until the time is over or one is bad. The report is not concluded. An error is why it ended sooner.
func torture(ctx context.Context, o options, progress io.Writer) (_ *report, err error) {
	all := &report{Seed: o.seed, Break: o.sin, Faults: make(map[string]int)}
	dir, err := os.MkdirTemp("", "onsale-torture-")
	if err != nil {
		return all, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chmod(dir, 0o711); err != nil { // root's PostgreSQL runs as somebody else, who must be able to enter
		return all, err
	}
	if o.program == "" {
		o.program = filepath.Join(dir, "onsale")
		fmt.Fprintln(progress, "Building the program to torture")
		build := exec.CommandContext(ctx, "go", "build", "-tags", "torture", "-o", o.program, "onsale/cmd/onsale")
		if out, err := build.CombinedOutput(); err != nil {
			return all, unlessInterrupted(ctx, fmt.Errorf("build the program: %w\n%s", err, out))
		}
	}
	d, err := openDatabase(ctx, o.program, dir)
	if d != nil {
		defer func() { err = errors.Join(err, d.close()) }()
	}
	if err != nil {
		return all, unlessInterrupted(ctx, err)
	}
	fmt.Fprintf(progress, "Seed %d\n", o.seed)

	began := time.Now()
	for i := 0; o.rounds == 0 && time.Since(began) < o.duration || i < o.rounds; i++ {
		r := newRound(o.seedOf(i), o.length, o.sin, d)
		res, err := r.run(ctx)
		if err != nil {
			err = unlessInterrupted(ctx, fmt.Errorf("round %d, seed %d: %w", i+1, r.seed, err))
		}
		if err != nil && res.good() {
			if errors.Is(err, errInterrupted) {
				return all, err
			}
			kept, keeping := keepLogs(dir, o.keepIn(r.seed))
			return all, errors.Join(err, keeping, errors.New("its logs are in "+kept))
		}
		all.add(res)
		fmt.Fprintf(progress, "Round %3d, seed %20d: %s\n", i+1, r.seed, res.line())
		if !res.good() {
			return all, errors.Join(err, explain(progress, o, r, res))
		}
	}
	return all, nil
}

var errInterrupted = errors.New("interrupted")

// unlessInterrupted takes an interruption for the reason of whatever fails after it.
func unlessInterrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}

func (o options) keepIn(seed uint64) string {
	if o.keep != "" {
		return o.keep
	}
	return filepath.Join(os.TempDir(), fmt.Sprintf("torture-%d", seed))
}

// replay is the command that plays a round again.
func (o options) replay(seed uint64) string {
	command := fmt.Sprintf("go run ./scripts/torture --rounds 1 --seed %d --length %s", seed, o.length)
	if o.sin != noSin {
		command += " --break " + string(o.sin)
	}
	return command
}
