package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// stopOrphan deals with a server that outlived the program that started it.
// The caller holds the folder's lock, so nobody wants it any more: it is asked
// to stop, and waited for.
//
// When there is none, but its pid is by now another process's, PostgreSQL
// would refuse to start. It forgives its parent's pid, so the file is given
// ours. (To delete the file would also lose the key of the shared memory, by
// which PostgreSQL knows sessions that outlived their postmaster.)
func stopOrphan(ctx context.Context, data string) error {
	path := filepath.Join(data, "postmaster.pid")
	text, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	first, rest, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(strings.TrimSpace(first))
	if err != nil || pid <= 1 {
		return nil //nolint:nilerr // PostgreSQL says best what is wrong with it
	}
	if !isPostmaster(pid, data) {
		if syscall.Kill(pid, 0) == nil {
			return os.WriteFile(path, []byte(strconv.Itoa(os.Getpid())+"\n"+rest), 0o600)
		}
		return nil
	}
	if err := syscall.Kill(pid, syscall.SIGINT); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("stop the server that was left running (pid %d): %w", pid, err)
	}
	for isPostmaster(pid, data) {
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for the server that was left running (pid %d): %w", pid, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
	return nil
}

// isPostmaster tells whether a process is the server of this data folder, by
// the arguments that spawn gives.
func isPostmaster(pid int, data string) bool {
	args := arguments(pid)
	if len(args) == 0 || filepath.Base(args[0]) != "postgres" {
		return false
	}
	return slices.Contains(args, data) || strings.Contains(strings.Join(args, " "), " -D "+data+" ")
}
