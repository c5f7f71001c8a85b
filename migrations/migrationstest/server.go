package migrationstest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// program starts or joins the shared server and prints its address. It is run
// and not called because only cmd may start a server; go run keeps what it built.
const program = "onsale/cmd/internal/testcluster"

// inUse is held open, and with it the lock, until this process ends.
var inUse *os.File //nolint:unused // to be held is its use

// server returns the address of a database on the shared server in which
// others can be created.
func server(ctx context.Context) (address string, err error) {
	if address := os.Getenv("ONSALE_TEST_DATABASE_URL"); address != "" {
		return address, nil
	}
	folder, err := home(ctx)
	if err != nil {
		return "", fmt.Errorf("the folder of the test server: %w", err)
	}
	if inUse, err = Use(ctx, folder); err != nil {
		return "", err
	}
	cmd := exec.CommandContext(ctx, "go", "run", program, "-dir", folder)
	out, err := cmd.Output()
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return "", fmt.Errorf("start the test server: %w: %s", err, strings.TrimSpace(string(failed.Stderr)))
	}
	if err != nil {
		return "", fmt.Errorf("start the test server: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// Use declares the server in folder in use until the returned file is closed,
// if only by the end of the process, and waits while the last server there is
// leaving. It is for package testcluster's sake.
//
// Users share the lock of the file "users". The server's keeper stops it only
// while it has that lock for itself, so a newcomer finds it running or gone,
// and never leaving.
func Use(ctx context.Context, folder string) (*os.File, error) {
	file, err := os.OpenFile(filepath.Join(folder, "users"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB)
		if err == nil {
			return file, nil
		}
		if !errors.Is(err, unix.EWOULDBLOCK) {
			file.Close()
			return nil, fmt.Errorf("lock %s: %w", file.Name(), err)
		}
		select {
		case <-ctx.Done():
			file.Close()
			return nil, fmt.Errorf("wait for the last test server to leave %s: %w", folder, ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// roomy is how large a file system in memory must be to be taken.
const roomy = 4 << 30

// home makes the server's folder, one for each user and checkout: in memory
// where there is a file system for that, as on Linux, and else in the temporary
// folder. Not in the user's own folders, for root's server runs as somebody
// who may not enter those.
func home(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "env", "GOMOD").Output()
	if err != nil {
		return "", fmt.Errorf("go env GOMOD: %w", err)
	}
	base := os.TempDir()
	var memory unix.Statfs_t
	if unix.Statfs("/dev/shm", &memory) == nil && memory.Blocks*uint64(memory.Bsize) >= roomy && unix.Access("/dev/shm", unix.W_OK) == nil {
		base = "/dev/shm"
	}
	sum := sha256.Sum256(out)
	folder := filepath.Join(base, fmt.Sprintf("onsale-test-%d-%s", os.Geteuid(), hex.EncodeToString(sum[:6])))
	if err := os.Mkdir(folder, 0o711); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	info, err := os.Lstat(folder)
	if err != nil {
		return "", err
	}
	if owner := info.Sys().(*syscall.Stat_t).Uid; !info.IsDir() || int(owner) != os.Geteuid() {
		return "", fmt.Errorf("%s is not a folder of ours", folder)
	}
	return folder, os.Chmod(folder, 0o711) // Mkdir is subject to the umask
}
