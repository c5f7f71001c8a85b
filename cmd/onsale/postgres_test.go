package main

import (
	"bufio"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

func TestPostgresByItselfTellsItsAddressAndLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := settings{"ONSALE_DATA": dir}
	cmd := exec.Command(binary, "postgres")
	cmd.Dir, cmd.Env, cmd.Stderr = dir, s.environ(), os.Stderr
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	out := bufio.NewReader(stdout)
	address, err := out.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	address = strings.TrimSpace(address)
	conn, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	conn.Close(t.Context())

	if code, told, stderr := runProgram(t, dir, s, "postgres"); code != 0 || strings.TrimSpace(told) != address {
		t.Errorf("while it runs: exit code %d, %q, want %q\n%s", code, told, address, stderr)
	}
	if err := cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	rest, _ := out.ReadString(0)
	if err := cmd.Wait(); err != nil || rest != "" {
		t.Errorf("ended with %v, having said %q too", err, rest)
	}
	if conn, err := pgx.Connect(t.Context(), address); err == nil {
		conn.Close(t.Context())
		t.Error("PostgreSQL runs on")
	}
}

func TestPostgresByItselfIsOnlyForThePrivateOne(t *testing.T) {
	t.Parallel()
	code, _, stderr := runProgram(t, t.TempDir(), settings{"DATABASE_URL": "postgres://localhost/x"}, "postgres")
	if code != 2 || !strings.Contains(stderr, "DATABASE_URL") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
