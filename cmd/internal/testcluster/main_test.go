package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"

	"onsale/cmd/internal/postgres"
	"onsale/migrations/migrationstest"
)

// TestMain lets this binary also be the program, for that starts itself as the
// keeper, and a process that uses a cluster until it is killed.
func TestMain(m *testing.M) {
	switch role := os.Getenv("ONSALE_TEST_ROLE"); {
	case role == "program":
		main()
		return
	case role != "":
		os.Setenv("ONSALE_TEST_ROLE", "program")
		_, address, err := use(context.Background(), role)
		fmt.Println(address, err)
		_, _ = io.Copy(io.Discard, os.Stdin)
		return
	}
	os.Setenv("ONSALE_TEST_ROLE", "program")
	var memory unix.Statfs_t
	if unix.Statfs("/dev/shm", &memory) == nil && memory.Bavail*uint64(memory.Bsize) > 4<<30 && unix.Access("/dev/shm", unix.W_OK) == nil {
		os.Setenv("TMPDIR", "/dev/shm") // for speed
	}
	os.Exit(m.Run())
}

// use does what migrationstest does.
func use(ctx context.Context, folder string) (*os.File, string, error) {
	user, err := migrationstest.Use(ctx, folder)
	if err != nil {
		return nil, "", err
	}
	address, err := join(folder, 0)
	return user, address, err
}

func newFolder(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for _, dir := range []string{folder, filepath.Dir(folder)} {
		if err := os.Chmod(dir, 0o711); err != nil { // the server's user passes through
			t.Fatal(err)
		}
	}
	t.Cleanup(func() { untilKeeperLeft(t, folder) })
	return folder
}

func untilKeeperLeft(t *testing.T, folder string) {
	t.Helper()
	file, err := os.OpenFile(filepath.Join(folder, "keeper"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := unix.Flock(int(file.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
}

// user starts a process that uses the folder, and returns what ends it
// without a word, and the address that it got.
func user(t *testing.T, folder string) (kill func(), address string) {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ONSALE_TEST_ROLE="+folder)
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill = func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	address, failed, _ := strings.Cut(strings.TrimSpace(line), " ")
	if err != nil || failed != "<nil>" {
		t.Fatalf("a user got %q, %v", line, err)
	}
	return kill, address
}

func answers(ctx context.Context, address string) error {
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		return err
	}
	return errors.Join(conn.Ping(ctx), conn.Close(ctx))
}

func TestProcessesShareOneClusterThatGoesWithTheLast(t *testing.T) {
	t.Parallel()
	folder := newFolder(t)
	killFirst, first := user(t, folder)
	killSecond, second := user(t, folder)
	if first != second {
		t.Fatalf("one has %s, the other %s", first, second)
	}
	killFirst()
	if err := answers(t.Context(), second); err != nil {
		t.Fatalf("after the first has gone: %v", err)
	}
	killSecond()
	untilKeeperLeft(t, folder)
	if _, ok, err := postgres.Running(t.Context(), server(folder)); ok || err != nil {
		t.Errorf("running: %v, %v", ok, err)
	}
	if _, err := os.Stat(server(folder)); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its data is still there: %v", err)
	}
}

func TestNewcomersWhileAClusterLeavesGetANewOne(t *testing.T) {
	t.Parallel()
	folder := newFolder(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var mu sync.Mutex
	var users []*os.File
	for range 3 {
		var group sync.WaitGroup
		for range 3 { // they race to start the keeper, too
			group.Go(func() {
				user, address, err := use(ctx, folder)
				if err == nil {
					err = answers(ctx, address)
				}
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				users = append(users, user)
			})
		}
		group.Wait()
		for _, user := range users {
			user.Close()
		}
		users = nil
		untilKeeperLeaves(ctx, t, folder)
	}
}

// untilKeeperLeaves returns when the keeper has begun to leave.
func untilKeeperLeaves(ctx context.Context, t *testing.T, folder string) {
	t.Helper()
	file, err := os.Open(filepath.Join(folder, "users"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for unix.Flock(int(file.Fd()), unix.LOCK_SH|unix.LOCK_NB) == nil {
		if err := errors.Join(unix.Flock(int(file.Fd()), unix.LOCK_UN), ctx.Err()); err != nil {
			t.Fatalf("the keeper does not leave: %v", err)
		}
		runtime.Gosched()
	}
}

func TestKilledKeeperIsReplaced(t *testing.T) {
	t.Parallel()
	folder := newFolder(t)
	file, address, err := use(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := os.ReadFile(filepath.Join(server(folder), "lock"))
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	untilKeeperLeft(t, folder)
	again, err := join(folder, 0)
	if err != nil || again != address {
		t.Fatalf("got %s, %v; before %s", again, err, address)
	}
	if err := answers(t.Context(), again); err != nil {
		t.Fatal(err)
	}
}
