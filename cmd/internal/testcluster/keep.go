package main

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"onsale/cmd/internal/postgres"
)

const (
	// maxConnections is for several test processes with many pools each.
	maxConnections = 300
	// glance is how often the keeper looks whether there are users.
	glance = 100 * time.Millisecond
)

// keep runs a new server until nobody uses the folder, and leaves nothing of
// it. What a killed keeper left is thrown away: it was not synced.
func keep(folder string, linger time.Duration) (err error) {
	mine, err := lock(folder, "keeper")
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil // another keeper was first
	}
	if err != nil {
		return err
	}
	defer mine.Close()
	if err := errors.Join(os.Truncate(logFile(folder), 0), discard(folder)); err != nil {
		return err
	}

	running, err := start(folder)
	if err != nil {
		return err
	}
	last, err := untilUnused(folder, linger, running.Done())
	if err != nil {
		return errors.Join(err, stop(running))
	}
	if last == nil {
		return running.Err()
	}
	defer func() { // in this order: only then may a newcomer go on, and must find no keeper
		mine.Close()
		last.Close()
	}()
	return errors.Join(stop(running), os.RemoveAll(server(folder)))
}

// discard makes room for a new server. One whose keeper was killed may still be
// stopping and write; what it hinders is deleted by the next keeper.
func discard(folder string) error {
	gone, err := os.MkdirTemp(folder, "gone-")
	if err != nil {
		return err
	}
	if err := os.Rename(server(folder), filepath.Join(gone, "server")); err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	all, err := filepath.Glob(filepath.Join(folder, "gone-*"))
	for _, dir := range all {
		_ = os.RemoveAll(dir)
	}
	return err
}

func start(folder string) (*postgres.Server, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return postgres.Start(ctx, postgres.Options{
		Dir:            server(folder),
		Bin:            os.Getenv("ONSALE_POSTGRES_BIN"),
		Log:            slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelWarn})),
		MaxConnections: maxConnections,
		Unsafe:         true,
	})
}

func stop(running *postgres.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	return running.Stop(ctx)
}

// untilUnused returns the lock of the file that users share, had for itself,
// once nobody has used the folder for the time of linger; or nil when the
// server has ended before.
func untilUnused(folder string, linger time.Duration, ended <-chan struct{}) (*os.File, error) {
	for unused := time.Duration(0); ; unused += glance {
		last, err := lock(folder, "users")
		switch {
		case err == nil && unused >= linger:
			return last, nil
		case err == nil:
			last.Close()
		case errors.Is(err, unix.EWOULDBLOCK):
			unused = 0
		default:
			return nil, err
		}
		select {
		case <-ended:
			return nil, nil
		case <-time.After(glance):
		}
	}
}

// lock opens a file of the folder and has it for itself until it is closed, or
// fails with EWOULDBLOCK at once.
func lock(folder, name string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(folder, name), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		file.Close()
		return nil, err
	}
	return file, nil
}
