package main

import (
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"onsale/migrations/migrationstest"
)

func TestEveryCommandSaysWhatItDoesAndGivesAnExample(t *testing.T) {
	t.Parallel()
	for cmd := range commandsBelow(rootCommand()) {
		if cmd.Short == "" || cmd.Example == "" || strings.HasSuffix(cmd.Short, ".") {
			t.Errorf("%s: %q, example %q", cmd.CommandPath(), cmd.Short, cmd.Example)
		}
		for line := range strings.Lines(cmd.Long + "\n" + cmd.Example) {
			if len(line) > 100 {
				t.Errorf("%s: a line of %d characters: %s", cmd.CommandPath(), len(line), line)
			}
		}
		for line := range strings.Lines(cmd.Example) {
			if !strings.Contains(line, cmd.CommandPath()) {
				t.Errorf("%s: an example of something else: %s", cmd.CommandPath(), line)
			}
		}
	}
}

// An example that is wrong teaches what is wrong: each is parsed, up to where it would be carried out.
func TestEveryExampleIsUsedRightly(t *testing.T) {
	t.Parallel()
	for cmd := range commandsBelow(rootCommand()) {
		for line := range strings.Lines(cmd.Example) {
			line, _, _ = strings.Cut(strings.ReplaceAll(line, `"The hall is flooded"`, "flood"), " |")
			line = strings.ReplaceAll(line, `"Paid twice"`, "twice")
			_, line, _ = strings.Cut(line, "onsale ")
			args := strings.Fields(line)
			root := rootCommand()
			found, rest, err := root.Find(args)
			if err == nil {
				err = found.ParseFlags(rest)
			}
			if err == nil {
				err = found.ValidateRequiredFlags()
			}
			if err == nil {
				err = found.ValidateArgs(found.Flags().Args())
			}
			if err != nil {
				t.Errorf("%q: %v", line, err)
			}
		}
	}
}

func commandsBelow(cmd *cobra.Command) func(yield func(*cobra.Command) bool) {
	return func(yield func(*cobra.Command) bool) {
		for _, c := range cmd.Commands() {
			if !yield(c) {
				return
			}
			for below := range commandsBelow(c) {
				if !yield(below) {
					return
				}
			}
		}
	}
}

func TestHelpTeachesWhatToDoFirst(t *testing.T) {
	t.Parallel()
	code, out, stderr := runProgram(t, t.TempDir(), settings{}, "--help")
	if code != 0 || stderr != "" {
		t.Errorf("exit code %d\n%s", code, stderr)
	}
	at := 0
	for _, step := range []string{"onsale serve --seed", "make race", "onsale admin events", "onsale verify", "onsale projections rebuild --all", "onsale config", "Exit codes: 0", "Run it:", "serve ", "admin "} {
		next := strings.Index(out[at:], step)
		if next < 0 {
			t.Fatalf("%q is missing, or in another place:\n%s", step, out)
		}
		at += next
	}
}

func TestWhatIsUsedWronglyIsToldWhatWasMeant(t *testing.T) {
	t.Parallel()
	for args, says := range map[string]string{
		"sreve":                              "\tserve\n",
		"projections lst":                    "\tlist\n",
		"projections rebuild --al":           "\t--all\n",
		"verify --jsno":                      "\t--json\n",
		"serve --sed":                        "\t--seed\n",
		"admin clsoe x":                      "\tclose\n",
		"admin":                              "admin events, admin close, admin cancel, or admin user?",
		"admin close nonsense --reason x":    `EVENT: "nonsense" is not an id`,
		"admin cancel nonsense --reason x":   `BOOKING: "nonsense" is not an id`,
		"admin user a@b.example --role root": `--role is admin or user, not "root"`,
		"admin user a@b.example":             `"role" not set`,
		"admin close " + someID:              `"reason" not set`,
		"config everything":                  `unknown command "everything"`,
		"version --verbose":                  "unknown flag: --verbose",
		"help nonsense":                      `unknown command "nonsense"`,
		"help sreve":                         "\tserve\n",
		"help admin clsoe":                   "\tclose\n",
	} {
		code, out, stderr := runProgram(t, t.TempDir(), settings{"DATABASE_URL": "postgres://nobody@127.0.0.1:1/none"}, strings.Fields(args)...)
		if code != 2 || out != "" || !strings.Contains(stderr, says) || strings.Contains(stderr, "\n\n\n") {
			t.Errorf("%s: exit code %d; want 2\n%s%s", args, code, out, stderr)
		}
	}
}

func TestWhatIsUsedWronglyIsToldWhoseHelpToRead(t *testing.T) {
	t.Parallel()
	for args, whose := range map[string]string{
		"sreve":                    "onsale",
		"--jsno":                   "onsale",
		"projections lst":          "onsale projections",
		"projections rebuild --al": "onsale projections rebuild",
		"admin close nonsense":     "onsale admin close",
		"migrate now":              "onsale migrate",
	} {
		code, _, stderr := runProgram(t, t.TempDir(), settings{}, strings.Fields(args)...)
		if code != exitUsage || !strings.HasSuffix(stderr, "\n\nRun '"+whose+" --help' for usage.\n") {
			t.Errorf("%s: exit code %d\n%s", args, code, stderr)
		}
		if code, out, _ := runProgram(t, t.TempDir(), settings{}, append(strings.Fields(whose)[1:], "--help")...); code != exitDone || !strings.Contains(out, "\n  "+whose) {
			t.Errorf("%s --help: exit code %d\n%s", whose, code, out)
		}
	}
}

const someID = "01900000-0000-7000-8000-000000000001"

func TestTheShellCompletes(t *testing.T) {
	t.Parallel()
	for args, want := range map[string]string{
		"projections rebuild|":           "listings bookings sales_timeline",
		"projections rebuild|listings|":  "bookings sales_timeline",
		"admin user|a@b.example|--role|": "admin user",
		"verify|":                        "",
	} {
		words := []string{"__complete"}
		for part := range strings.SplitSeq(args, "|") {
			if strings.HasPrefix(part, "projections ") || strings.HasPrefix(part, "admin ") {
				words = append(words, strings.Fields(part)...)
			} else {
				words = append(words, part)
			}
		}
		code, out, stderr := runProgram(t, t.TempDir(), settings{}, words...)
		lines := strings.Fields(out)
		if code != 0 || len(lines) == 0 || lines[len(lines)-1] != ":4" || strings.Join(lines[:len(lines)-1], " ") != want {
			t.Errorf("%q: exit code %d, %q, want %q and no files\n%s", words, code, lines, want, stderr)
		}
	}
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		if code, out, _ := runProgram(t, t.TempDir(), settings{}, "completion", shell); code != 0 || !strings.Contains(out, "onsale") {
			t.Errorf("%s: exit code %d\n%.100s", shell, code, out)
		}
	}
}

// A database that takes calls and never answers: whoever waits for it can be told to stop.
func TestCtrlCStopsEveryTool(t *testing.T) {
	t.Parallel()
	for _, args := range []string{
		"migrate", "seed", "verify", "projections list", "projections rebuild --all", "projections drop",
		"admin events", "admin user a@b.example --role admin", "admin close " + someID + " --reason x", "admin cancel " + someID + " --reason x",
	} {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			silent, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer silent.Close()
			called := make(chan net.Conn, 8)
			go func() {
				defer close(called)
				for {
					conn, err := silent.Accept()
					if err != nil {
						return
					}
					called <- conn
				}
			}()
			var stderr lockedBuffer
			cmd := exec.CommandContext(t.Context(), binary, strings.Fields(args)...)
			cmd.Dir, cmd.Stderr = t.TempDir(), &stderr
			cmd.Env = settings{"DATABASE_URL": "postgres://nobody@" + silent.Addr().String() + "/none?sslmode=disable"}.environ()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			select {
			case conn := <-called:
				defer conn.Close()
			case <-time.After(time.Minute):
				t.Errorf("never asks the database")
			}
			cmd.Process.Signal(os.Interrupt)
			cmd.Wait()
			if code := cmd.ProcessState.ExitCode(); code != 130 || strings.Count(stderr.String(), "\n") != 1 || !strings.Contains(stderr.String(), "stopped before its end") {
				t.Errorf("exit code %d; want 130 and one line\n%s", code, &stderr)
			}
		})
	}
}

func TestCtrlCIsTheEndOfServe(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	p.signal(os.Interrupt)
	<-p.ended
	if code := p.cmd.ProcessState.ExitCode(); code != 0 {
		t.Errorf("exit code %d\n%s", code, p.output)
	}
}

func TestHelpOfACommandIsThatOfItsFlag(t *testing.T) {
	t.Parallel()
	code, out, stderr := runProgram(t, t.TempDir(), settings{}, "help", "admin", "user")
	_, want, _ := runProgram(t, t.TempDir(), settings{}, "admin", "user", "--help")
	if code != 0 || out != want || stderr != "" || !strings.Contains(out, "--role ROLE ") {
		t.Errorf("exit code %d\n%s%s", code, out, stderr)
	}
}

func TestNoDescriptionHasQuotesThatTheShellWouldShow(t *testing.T) {
	t.Parallel()
	for cmd := range commandsBelow(rootCommand()) {
		cmd.Flags().VisitAll(func(f *pflag.Flag) {
			if strings.Contains(f.Usage, "`") {
				t.Errorf("%s --%s: %s", cmd.CommandPath(), f.Name, f.Usage)
			}
		})
	}
}

func TestAVersionThatCannotBeWrittenIsAFailure(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"version"}, {"version", "--json"}} {
		var stderr strings.Builder
		if code := run(t.Context(), args, full{}, &stderr); code != exitFailed || stderr.String() != "onsale: "+errFull.Error()+"\n" {
			t.Errorf("%v: exit code %d, %q", args, code, stderr.String())
		}
	}
}

func TestTheVersionIsAFlagToo(t *testing.T) {
	t.Parallel()
	code, out, stderr := runProgram(t, t.TempDir(), settings{}, "--version")
	_, long, _ := runProgram(t, t.TempDir(), settings{}, "version")
	if code != 0 || stderr != "" || out == "" || !strings.HasPrefix(long, strings.TrimSuffix(out, "\n")+", schema ") {
		t.Errorf("exit code %d, %q, and the command says %q\n%s", code, out, long, stderr)
	}
}

// full is a disk with no room left.
type full struct{}

var errFull = errors.New("no space left on device")

func (full) Write([]byte) (int, error) { return 0, errFull }
