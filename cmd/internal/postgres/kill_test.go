package postgres

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// A parent is this test binary started once more, as the program that runs a
// server and is killed. It prints what the server logs, then that it has
// started, and ends without a word when its input does.

func parent(dir string) {
	_, err := Start(context.Background(), Options{Dir: dir, Bin: os.Getenv("ONSALE_TEST_BIN"), Log: slog.New(slog.NewTextHandler(os.Stdout, nil))})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("started")
	_, _ = io.Copy(io.Discard, os.Stdin)
	os.Exit(0)
}

type program struct {
	cmd    *exec.Cmd
	output *bufio.Scanner
}

func startParent(t *testing.T, dir, bin string) *program {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), "ONSALE_TEST_PARENT="+dir, "ONSALE_TEST_BIN="+bin)
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
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return &program{cmd, bufio.NewScanner(out)}
}

// says waits until the parent prints a line with that text.
func (p *program) says(t *testing.T, text string) {
	t.Helper()
	var lines []string
	for p.output.Scan() {
		lines = append(lines, p.output.Text())
		if strings.Contains(p.output.Text(), text) {
			return
		}
	}
	t.Fatalf("it never said %q: %s", text, strings.Join(lines, "\n"))
}

func (p *program) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait()
}

// pidOf returns the postmaster of the folder.
func pidOf(t *testing.T, where place) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(where.data(), "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

func settled(t *testing.T, dir string) place {
	t.Helper()
	where, err := settle(dir, false)
	if err != nil {
		t.Fatal(err)
	}
	return where
}

func signal(t *testing.T, pid int, what syscall.Signal) {
	t.Helper()
	if err := syscall.Kill(pid, what); err != nil {
		t.Fatal(err)
	}
}

func TestKilledServerIsNoticedAndItsDataKept(t *testing.T) {
	t.Parallel()
	dir := usedDir(t)
	server := begin(t, quiet(dir))
	remember(t, server.DSN(), "committed")
	signal(t, pidOf(t, server.place), syscall.SIGKILL)
	<-server.Done()
	if err := server.Err(); err == nil || !strings.Contains(err.Error(), "killed") {
		t.Errorf("it ended with %v", err)
	}
	if got := recall(t, begin(t, quiet(dir)).DSN()); got != "committed" {
		t.Errorf("got %q", got)
	}
}

func TestServerThatSomebodyElseStoppedIsNoticed(t *testing.T) {
	t.Parallel()
	server := begin(t, quiet(usedDir(t)))
	signal(t, pidOf(t, server.place), syscall.SIGINT)
	<-server.Done()
	if server.Err() == nil {
		t.Error("it ended without an error")
	}
}

func TestKilledProgram(t *testing.T) {
	t.Parallel()
	dir := usedDir(t)
	program := startParent(t, dir, "")
	program.says(t, "started")
	where := settled(t, dir)
	address, ok, err := Running(t.Context(), dir)
	if !ok || err != nil {
		t.Fatalf("running: %v, %v", ok, err)
	}
	remember(t, address, "committed")
	pid := pidOf(t, where)
	program.kill(t)
	t.Run("takes its server with it", func(t *testing.T) {
		if runtime.GOOS != "linux" {
			t.Skip("NOT TESTED: only Linux tells a child that its parent died")
		}
		waitForEnd(t, pid)
	})
	t.Run("leaves its data to the next", func(t *testing.T) {
		if got := recall(t, begin(t, quiet(dir)).DSN()); got != "committed" {
			t.Errorf("got %q", got)
		}
	})
}

func TestKilledProgramAndServer(t *testing.T) {
	t.Parallel()
	dir := usedDir(t)
	program := startParent(t, dir, "")
	program.says(t, "started")
	address, _, err := Running(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	remember(t, address, "committed")
	signal(t, pidOf(t, settled(t, dir)), syscall.SIGKILL)
	program.kill(t)
	if got := recall(t, begin(t, quiet(dir)).DSN()); got != "committed" {
		t.Errorf("got %q", got)
	}
}

func TestServerThatWasLeftRunningIsStopped(t *testing.T) {
	t.Parallel()
	dir := usedDir(t)
	first := begin(t, quiet(dir))
	remember(t, first.DSN(), "committed")
	stop(t, first)

	// Where the kernel does not tell a child of its parent's death, this is left.
	bin, err := find(first.place, "", 0)
	if err != nil {
		t.Fatal(err)
	}
	said := newOutput(slog.New(slog.DiscardHandler))
	orphan := exec.Command(filepath.Join(bin.dir, "postgres"),
		append([]string{"-D", first.place.data()}, settings(quiet(dir), bin, first.place.socketFolder())...)...)
	orphan.Dir, orphan.Stderr, orphan.Env = first.place.data(), said, environment()
	first.place.who.become(orphan, 0)
	if err := orphan.Start(); err != nil {
		t.Fatal(err)
	}
	<-said.ready
	ended := make(chan error, 1)
	go func() { ended <- orphan.Wait() }()

	if got := recall(t, begin(t, quiet(dir)).DSN()); got != "committed" {
		t.Errorf("got %q", got)
	}
	if err := <-ended; err != nil {
		t.Errorf("it was not stopped in good order: %v", err)
	}
}

func TestPidOfAKilledServerThatIsAnotherProcessByNow(t *testing.T) {
	t.Parallel()
	dir := usedDir(t)
	server := begin(t, quiet(dir))
	remember(t, server.DSN(), "committed")
	pidFile := filepath.Join(server.place.data(), "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	signal(t, pidOf(t, server.place), syscall.SIGKILL)
	<-server.Done()

	// Another process of the same user, so that PostgreSQL may signal it and takes it for itself.
	other := exec.Command("sleep", "600")
	server.place.who.become(other, syscall.SIGTERM)
	other.Dir = "/"
	ended, err := start(other)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { other.Process.Kill(); <-ended }()
	_, rest, _ := strings.Cut(string(text), "\n")
	if err := os.WriteFile(pidFile, []byte(strconv.Itoa(other.Process.Pid)+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := recall(t, begin(t, quiet(dir)).DSN()); got != "committed" {
		t.Errorf("got %q", got)
	}
}

func TestKilledFirstStartLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	bin := newDir(t)
	real, err := find(settled(t, dir), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	// An initdb that makes the cluster, tells so, and never ends.
	script(t, bin, "initdb", `"`+real.dir+`/initdb" "$@" && [ "$1" = --version ] || { echo made >&2; exec sleep 600; }`)
	script(t, bin, "postgres", `exec "`+real.dir+`/postgres" "$@"`)

	program := startParent(t, dir, bin)
	program.says(t, "made")
	where := settled(t, dir)
	left, _ := filepath.Glob(filepath.Join(where.dir, sidePrefix+"*"))
	if len(left) != 1 {
		t.Fatalf("while it is made: %v", left)
	}
	program.kill(t)
	if _, err := os.Stat(where.data()); !os.IsNotExist(err) {
		t.Errorf("there is data: %v", err)
	}
	begin(t, quiet(dir))
	if left, _ := filepath.Glob(filepath.Join(where.dir, sidePrefix+"*")); len(left) != 0 {
		t.Errorf("still there: %v", left)
	}
}

func TestKilledFirstStartWhoseChildrenStillWrite(t *testing.T) {
	t.Parallel()
	dir, bin := newDir(t), newDir(t)
	real, err := find(settled(t, dir), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	// An initdb with a child that does not end with it, and fills the folder for a while.
	script(t, bin, "initdb", `[ "$1" = --version ] && exec "`+real.dir+`/initdb" --version
( cd "${1#--pgdata=}"; i=0; while [ $i -lt 20000 ]; do : > late.$i; i=$((i+1)); done ) &
echo writing >&2; exec sleep 600`)
	script(t, bin, "postgres", `exec "`+real.dir+`/postgres" "$@"`)
	program := startParent(t, dir, bin)
	program.says(t, "writing")
	program.kill(t)
	begin(t, quiet(dir))
	if left, _ := filepath.Glob(filepath.Join(settled(t, dir).dir, sidePrefix+"*")); len(left) != 0 {
		t.Errorf("still there: %v", left)
	}
}

// script makes an executable that everybody may run.
func script(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := makeOpen(dir); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o755); err != nil { // whatever the umask
		t.Fatal(err)
	}
}
