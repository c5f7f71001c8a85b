package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// sidePrefix begins the names of folders that are being made. What a killed
// start has left of them is deleted by the next one.
const sidePrefix = "new-"

// prepare brings the folder to where a server can be started in it: with a
// complete cluster, of the version of the returned install, in nobody's use.
func prepare(ctx context.Context, where place, options Options) (install, error) {
	if err := sweep(ctx, where); err != nil {
		return install{}, err
	}
	major, err := majorOf(where.data())
	if err != nil {
		return install{}, err
	}
	bin, err := find(where, options.Bin, major)
	if err != nil {
		return install{}, err
	}
	if major == 0 {
		return bin, create(ctx, where, bin, options)
	}
	if err := where.who.ownAll(where.data()); err != nil {
		return install{}, err
	}
	return bin, stopOrphan(ctx, where.data())
}

// majorOf reads which major version made the data, zero when there is none.
func majorOf(data string) (int, error) {
	text, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if errors.Is(err, os.ErrNotExist) {
		entries, err := os.ReadDir(data)
		if err == nil && len(entries) > 0 {
			return 0, fmt.Errorf("%s holds something that is no PostgreSQL cluster; nothing was touched", data)
		}
		if errors.Is(err, os.ErrNotExist) {
			err = nil
		}
		return 0, err
	}
	if err != nil {
		return 0, err
	}
	major, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, fmt.Errorf("%s/PG_VERSION: %w", data, err)
	}
	return major, nil
}

// sweep deletes what earlier starts were killed over. The caller holds the lock.
func sweep(ctx context.Context, where place) error {
	left, err := filepath.Glob(filepath.Join(where.dir, sidePrefix+"*"))
	if err != nil {
		return err
	}
	for _, dir := range left {
		if err := remove(ctx, dir); err != nil {
			return err
		}
	}
	return nil
}

// remove deletes a folder in which a killed initdb's own children may still be writing: they end by themselves, soon.
func remove(ctx context.Context, dir string) error {
	for tries := 1; ; tries++ {
		err := os.RemoveAll(dir)
		if err == nil || tries == 500 {
			return err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%w: %w", ctx.Err(), err)
		}
	}
}

// create makes a cluster beside its place and moves it there when it is whole
// and on disk.
func create(ctx context.Context, where place, bin install, options Options) error {
	side, err := os.MkdirTemp(where.dir, sidePrefix)
	if err != nil {
		return err
	}
	defer os.RemoveAll(side) // after the rename there is nothing of that name
	if err := where.who.own(side); err != nil {
		return err
	}
	if err := initialize(ctx, where.who, bin, side, options.Log); err != nil {
		return err
	}
	if !options.Unsafe {
		if err := syncTree(side); err != nil {
			return err
		}
	}
	if err := os.Rename(side, where.data()); err != nil {
		return err
	}
	return syncFile(where.dir)
}

// initialize makes a cluster with the database onsale. Only the owner can reach
// the socket, so whoever reaches it is trusted.
//
// Text sorts by code point, which is the same everywhere and for ever; what is
// a letter, and which letters are the same in upper and lower case, is
// Unicode's where the system or the server knows it.
func initialize(ctx context.Context, who *account, bin install, dir string, log *slog.Logger) error {
	args := []string{
		"--pgdata=" + dir, "--username=onsale", "--auth=trust", "--encoding=UTF8", "--locale=C",
		"--data-checksums", "--no-instructions",
		"--no-sync", // create does, once for all
	}
	ways := [][]string{{"--lc-ctype=C.UTF-8"}, {"--lc-ctype=UTF-8"}, {"--lc-ctype=en_US.UTF-8"}, nil}
	if bin.major >= 17 {
		ways = slices.Insert(ways, 0, []string{"--locale-provider=builtin", "--builtin-locale=C.UTF-8"})
	}
	var err error
	for _, way := range ways {
		err = tool(ctx, who, dir, "", log, filepath.Join(bin.dir, "initdb"), append(args, way...)...)
		if err == nil || !strings.Contains(err.Error(), "locale") {
			break
		}
	}
	if err != nil {
		return err
	}
	return tool(ctx, who, dir, "CREATE DATABASE onsale;\n", log, filepath.Join(bin.dir, "postgres"),
		"--single", "-F", "-D", dir, "-c", "exit_on_error=on", "-c", "log_checkpoints=off", "template1")
}

// tool runs a program to its end, and says what it said if it failed.
func tool(ctx context.Context, who *account, dir, input string, log *slog.Logger, path string, args ...string) error {
	out := newOutput(log)
	cmd := exec.CommandContext(ctx, path, args...)
	cmd.Dir, cmd.Env = dir, environment()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), io.Discard, out
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	who.become(cmd, syscall.SIGTERM)
	if err := run(cmd); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(path), err, out.tail())
	}
	return nil
}
