package main

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"onsale/migrations/migrationstest"
)

// onTerminal runs the program with both outputs on a terminal, and returns what stands on it.
func onTerminal(t *testing.T, s settings, args ...string) string {
	t.Helper()
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Skipf("no terminals here: %v", err)
	}
	defer screen.Close()
	number, err := unix.IoctlGetInt(int(screen.Fd()), unix.TIOCGPTN)
	if err == nil {
		err = unix.IoctlSetPointerInt(int(screen.Fd()), unix.TIOCSPTLCK, 0)
	}
	if err != nil {
		t.Fatal(err)
	}
	terminal, err := os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|unix.O_NOCTTY, 0)
	if err != nil {
		t.Fatal(err)
	}
	seen := make(chan string)
	go func() {
		var all bytes.Buffer
		io.Copy(&all, screen) // ends with an error when nobody has the terminal open any more
		seen <- all.String()
	}()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = t.TempDir(), s.environ(), terminal, terminal
	err = cmd.Start()
	terminal.Close()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Wait()
	return <-seen
}

func TestColoursAndBarsAreForTerminals(t *testing.T) {
	t.Parallel()
	database := migrationstest.Database(t)
	with := func(name, value string) settings { return settings{"DATABASE_URL": database, name: value} }
	const colour, bar = "\x1b[3", "making demo data ["

	if out := onTerminal(t, with("TERM", "xterm"), "seed"); !strings.Contains(out, bar) || !strings.Contains(out, "\r\x1b[KDemo data") {
		t.Errorf("seed shows no bar, or leaves it:\n%q", out)
	}
	if out := onTerminal(t, with("TERM", "dumb"), "seed"); strings.Contains(out, bar) || strings.Contains(out, "\x1b") {
		t.Errorf("a dumb terminal gets a bar:\n%q", out)
	}
	if _, out, stderr := runProgram(t, t.TempDir(), with("TERM", "xterm"), "seed"); strings.Contains(stderr, "making") || strings.Contains(out+stderr, "\x1b") {
		t.Errorf("a file gets a bar:\n%q\n%q", out, stderr)
	}
	for name, test := range map[string]struct {
		settings settings
		coloured bool
	}{
		"a terminal":         {with("TERM", "xterm"), true},
		"NO_COLOR":           {with("NO_COLOR", "1"), false},
		"NO_COLOR, if empty": {with("NO_COLOR", ""), true},
		"a dumb terminal":    {with("TERM", "dumb"), false},
	} {
		for _, args := range []string{"verify", "verify --nonsense"} {
			if out := onTerminal(t, test.settings, strings.Fields(args)...); strings.Contains(out, colour) != test.coloured {
				t.Errorf("%s, %s: coloured is not %v:\n%q", name, args, test.coloured, out)
			}
		}
	}
	if _, out, stderr := runProgram(t, t.TempDir(), with("TERM", "xterm"), "verify"); strings.Contains(out+stderr, "\x1b") {
		t.Errorf("a file gets colours:\n%q", out+stderr)
	}
}
