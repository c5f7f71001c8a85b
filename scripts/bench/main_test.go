package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// bench builds this program; its temporary folder is one of the test's, which must be empty in the end.
func bench(t *testing.T, args ...string) (cmd *exec.Cmd, stdout, stderr *bytes.Buffer) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "bench")
	if said, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	temporary := t.TempDir()
	t.Cleanup(func() {
		left, err := os.ReadDir(temporary)
		if err != nil || slices.ContainsFunc(left, func(e os.DirEntry) bool { return strings.HasPrefix(e.Name(), "onsale") }) {
			t.Errorf("left behind: %v, %v", left, err)
		}
	})
	cmd = exec.Command(program, args...)
	cmd.Env = append(os.Environ(), "TMPDIR="+temporary)
	stdout, stderr = new(bytes.Buffer), new(bytes.Buffer)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

// ran is the report of a run that complete accepts, and what the run said. Its cells are short; where the machine is so busy that
// too little comes to its end in them, it runs once more with longer ones.
func ran(t *testing.T, complete func(*report) error, args ...string) (*report, string) {
	t.Helper()
	var failure error
	for _, cell := range []string{"300ms", "3s"} {
		file := filepath.Join(t.TempDir(), "report.json")
		cmd, stdout, stderr := bench(t, append(args, "--rounds", "1", "--cell", cell, "--json", file)...)
		var r *report
		if failure = cmd.Run(); failure == nil {
			r, failure = readReport(file)
		}
		if failure == nil {
			failure = complete(r)
		}
		if failure == nil {
			return r, stdout.String()
		}
		failure = fmt.Errorf("cells of %s: %w\n%s\n%s", cell, failure, stdout, stderr)
	}
	t.Fatal(failure)
	return nil, ""
}

// cellOf is what was measured of a row in the one round there was.
func (r *report) cellOf(group, name string) (measure, error) {
	row := r.find(group, name)
	if row == nil || len(row.Rounds) != 1 || row.Rounds[0].Rate <= 0 || row.Rounds[0].P99 <= 0 || row.Rounds[0].Max < row.Rounds[0].P99 {
		return measure{}, fmt.Errorf("%s: %+v", name, row)
	}
	return row.Rounds[0], nil
}

func TestARunMeasuresTheRealProgramsAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	r, said := ran(t, func(r *report) (err error) {
		for _, name := range []string{rowNoop, rowForUpdateHot, rowStatement, rowHot, rowSoldOut, rowPairs} {
			_, missing := r.cellOf("write", name)
			err = errors.Join(err, missing)
		}
		return err
	}, "--clients", "16", "--only", "^no-op|^Onsale, one|^FOR UPDATE, one|^one statement|sold-out|pairs")
	if r.Machine.PostgreSQL == "" || r.Machine.Fsync <= 0 || r.Version == "" {
		t.Errorf("it does not say where: %+v, version %q", r.Machine, r.Version)
	}
	if !strings.Contains(said, rowHot+" ÷ "+rowForUpdateHot) {
		t.Errorf("no targets in\n%s", said)
	}
}

// signalled calls back when a text has been written.
type signalled struct {
	all  bytes.Buffer
	text string
	call func()
}

func (s *signalled) String() string { return s.all.String() }

func (s *signalled) Write(p []byte) (int, error) {
	n, err := s.all.Write(p)
	if s.call != nil && strings.Contains(s.String(), s.text) {
		s.call()
		s.call = nil
	}
	return n, err
}

func TestCtrlCStopsARunAndLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	cmd, _, _ := bench(t, "--cell", "200ms", "--rounds", "40", "--only", "^no-op$")
	log := &signalled{text: "write 2/40", call: func() {
		if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
			t.Error(err)
		}
	}}
	cmd.Stderr = log
	err := cmd.Run()
	if failed := (*exec.ExitError)(nil); !errors.As(err, &failed) || failed.ExitCode() != exitFailed {
		t.Errorf("%v\n%s", err, log)
	}
	if !strings.HasSuffix(log.String(), "bench: stopped before its end\n") {
		t.Errorf("its last words: %s", log)
	}
}

func TestARowThatFailsIsToldAndNotMeasuredAgain(t *testing.T) {
	calls := 0
	broken := row{name: "broken", group: "g", run: func(context.Context, *lab) (measure, error) {
		calls++
		return measure{Rate: 1}, errors.New("answered 500")
	}}
	whole := row{name: "whole", group: "g", run: func(context.Context, *lab) (measure, error) { return measure{Rate: 2}, nil }}
	var r report
	if err := r.measure(t.Context(), &lab{settings: settings{Rounds: 3}}, []row{broken, whole}, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	if calls != 1 || r.Rows[0].Error != "answered 500" || len(r.Rows[1].Rounds) != 3 {
		t.Errorf("%d calls, %+v", calls, r.Rows)
	}
	if err := r.failed(); err == nil || err.Error() != "broken: answered 500" {
		t.Error(err)
	}
}

func TestTheRowsOfAGroupAreInterleavedThereAndBack(t *testing.T) {
	var order []string
	named := func(group, name string) row {
		return row{name: name, group: group, run: func(context.Context, *lab) (measure, error) {
			order = append(order, name)
			return measure{}, nil
		}}
	}
	var r report
	rows := []row{named("1", "a"), named("1", "b"), named("2", "c")}
	if err := r.measure(t.Context(), &lab{settings: settings{Rounds: 2}}, rows, new(bytes.Buffer)); err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(order, ""); got != "abbacc" {
		t.Errorf("%s, want abbacc", got)
	}
}

func TestQuickIsWhatSaysMost(t *testing.T) {
	rows := []row{{name: "a", quick: true}, {name: "b", quick: true}, {name: "a, too"}}
	o := options{quick: true, only: regexp.MustCompile("a")}
	if got := o.choose(rows); len(got) != 1 || got[0].name != "a" {
		t.Errorf("%v", got)
	}
}

func TestWhatCouldNotBeToldInTheEndIsToldBeforeAnythingIsMeasured(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("as it was"), 0o600); err != nil {
		t.Fatal(err)
	}
	for says, args := range map[string][]string{
		"no such file or directory":      {"--json", filepath.Join(dir, "none", "r.json")},
		"is a directory":                 {"--json", dir},
		"not a directory":                {"--plots", filepath.Join(file, "plots")},
		"none of these rows is drawn":    {"--plots", dir, "--only", "^GET"},
		"file: not a directory":          {"--profiles", filepath.Join(file, "profiles")},
		"--quick has none of the rows":   {"--quick", "--overload"},
		"there is no such row":           {"--only", "no such row"},
		"not a number of events":         {"--log", "many"},
		"at least 1, and a cell takes 1": {"--rounds", "0"},
	} {
		var log bytes.Buffer
		err := run(t.Context(), args, nil, new(bytes.Buffer), &log)
		if _, usage := errors.AsType[*usageError](err); !usage || !strings.Contains(err.Error(), says) || log.Len() > 0 {
			t.Errorf("%v: %v, and %q", args, err, &log)
		}
	}
	o := options{json: file, plots: filepath.Join(dir, "plots")}
	if err := o.promise([]row{{group: groupWrite}}); err != nil {
		t.Error(err)
	}
	o.json = filepath.Join(dir, "new.json")
	if err := o.promise(nil); err == nil {
		t.Error("no rows are drawn")
	}
	text, err := os.ReadFile(file)
	if _, made := os.Stat(o.json); err != nil || string(text) != "as it was" || !errors.Is(made, os.ErrNotExist) {
		t.Errorf("something was written: %q, %v, %v", text, err, made)
	}
}

func TestTheGroupsThatAreSaidToBeDrawnAre(t *testing.T) {
	for _, row := range allRows(settings{Log: []int{0}}) {
		r := &report{Rows: []result{measured(row.group, row.name, 1, time.Second)}}
		if _, err := r.draw(""); (err == nil) != drawn(row.group) {
			t.Errorf("%s of %s: %v", row.name, row.group, err)
		}
	}
}

func TestHelpNamesAllThatThereIs(t *testing.T) {
	var out bytes.Buffer
	if err := run(t.Context(), []string{"--help"}, nil, &out, io.Discard); !errors.Is(err, flag.ErrHelp) {
		t.Fatal(err)
	}
	for _, want := range []string{"bench plot REPORT FOLDER", "bench publish REPORT", "-json", "-overload"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %s in\n%s", want, &out)
		}
	}
}

// A cell takes a third of a second more than it measures, and building and starting a few seconds.
func TestQuickTakesLessThanAMinuteAndHasTheFirstTargets(t *testing.T) {
	o, err := parse([]string{"--quick"}, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	rows := o.choose(allRows(o.settings))
	if took := time.Duration(len(rows)*o.Rounds) * (o.Warm + o.Cell + 300*time.Millisecond); took > 45*time.Second {
		t.Errorf("%d rows take %s", len(rows), took)
	}
	for _, target := range targets[:5] {
		for _, name := range []string{target.row, target.against} {
			if !slices.ContainsFunc(rows, func(r row) bool { return r.name == name && r.group == groupWrite }) {
				t.Errorf("%s is not in --quick", name)
			}
		}
	}
}

func TestWrongUsageIsTold(t *testing.T) {
	for _, args := range [][]string{
		{"--rounds", "0"}, {"--clients", "0"}, {"--cell", "1ms"}, {"--only", "("}, {"--log", "1e6"}, {"--log", "-1"}, {"--fast"}, {"more"},
		{"--only", "no such row"}, {"server"}, {"plot"},
	} {
		err := run(t.Context(), args, nil, new(bytes.Buffer), new(bytes.Buffer))
		if _, usage := errors.AsType[*usageError](err); !usage {
			t.Errorf("%v: %v", args, err)
		}
	}
}

func TestAllThatIsSetIsUsed(t *testing.T) {
	o, err := parse([]string{"--quick", "--rounds", "5", "--clients", "8", "--log", "0,10", "--only", "hot"}, new(bytes.Buffer))
	if err != nil {
		t.Fatal(err)
	}
	if o.Cell != time.Second || o.Rounds != 5 || o.Clients != 8 || !slices.Equal(o.Log, []int{0, 10}) || !o.quick {
		t.Errorf("%+v", o)
	}
}
