package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// program builds what is tortured, once.
var program = sync.OnceValues(func() (string, error) {
	path := filepath.Join(buildDir, "onsale")
	out, err := exec.Command("go", "build", "-tags", "torture", "-o", path, "onsale/cmd/onsale").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("build the program: %w\n%s", err, out)
	}
	return path, nil
})

var buildDir string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "onsale-torture-test-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		if err := os.Chmod(dir, 0o711); err != nil {
			panic(err)
		}
		buildDir = dir
		return m.Run()
	}())
}

// tortured runs the whole program on the real thing.
func tortured(t *testing.T, args string) (code int, r report, said string) {
	t.Helper()
	return torturedUntil(t, t.Context(), func(string) {}, args)
}

// torturedUntil is the same; ctx may end it sooner, and hears is told all that it says on its way.
func torturedUntil(t *testing.T, ctx context.Context, hears func(said string), args string) (code int, r report, said string) {
	t.Helper()
	if testing.Short() {
		t.Skip("starts PostgreSQL and nodes, and kills them")
	}
	built, err := program()
	if err != nil {
		t.Fatal(err)
	}
	var stdout bytes.Buffer
	stderr := listener{hears: hears}
	all := append(strings.Fields(args), "--json", "--program", built, "--keep", t.ArtifactDir())
	code = run(ctx, all, &stdout, &stderr)
	if err := json.Unmarshal(stdout.Bytes(), &r); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return code, r, stderr.String()
}

// A listener is a buffer that tells what it has got.
type listener struct {
	bytes.Buffer
	hears func(said string)
}

func (l *listener) Write(b []byte) (int, error) {
	n, err := l.Buffer.Write(b)
	l.hears(l.String())
	return n, err
}

func TestNothingIsLostNorOversoldUnderFaults(t *testing.T) {
	t.Parallel()
	code, r, said := tortured(t, "--rounds 2 --length 8s")
	if code != exitGood || !r.Good || r.Lost != 0 || r.Oversold != 0 || len(r.Findings) > 0 {
		t.Errorf("exit code %d\n%s", code, said)
	}
	if r.Rounds != 2 || r.Acknowledged < 20 || r.Refused < 20 || r.Reads == 0 || len(r.Faults) < 3 {
		t.Errorf("too little happened: %+v", r)
	}
}

func TestWithoutTheFenceItIsCaught(t *testing.T) {
	t.Parallel()
	code, r, said := tortured(t, "--rounds 1 --length 2s --break fence")
	if code != exitBad || r.Good || r.Verdict != caught {
		t.Errorf("exit code %d", code)
	}
	if !slices.Contains(r.CaughtBy, byPorcupine) || !slices.Contains(r.CaughtBy, byVerify) || r.Oversold == 0 {
		t.Errorf("caught by %v, %d oversold", r.CaughtBy, r.Oversold)
	}
	for _, want := range []string{"The shortest history", "go run ./scripts/torture --rounds 1 --seed", "--break fence"} {
		if !strings.Contains(said, want) {
			t.Errorf("%q is not told:\n%s", want, said)
		}
	}
}

func TestReadTablesThatDoNotWaitForTheDiskAreCaught(t *testing.T) {
	t.Parallel()
	code, r, said := tortured(t, "--rounds 30 --length 8s --break tables") // until one is bad: on a busy machine not many are
	if code != exitBad || r.Good || !slices.Equal(r.CaughtBy, []finder{byRead}) || r.Lost > 0 || r.Oversold > 0 {
		t.Errorf("exit code %d, caught by %v in %d rounds\n%s", code, r.CaughtBy, r.Rounds, said)
	}
	if want := "older than version"; !strings.Contains(said, want) {
		t.Errorf("%q is not told:\n%s", want, said)
	}
}

func TestAnAcknowledgedBookingThatIsNotInTheLogIsCaught(t *testing.T) {
	t.Parallel()
	code, r, said := tortured(t, "--rounds 1 --length 2s --break lost")
	for range 5 { // not every round ends with a booking to take away
		if r.Verdict != noVerdict || !strings.Contains(said, "take another seed") {
			break
		}
		code, r, said = tortured(t, "--rounds 1 --length 2s --break lost")
	}
	if code != exitBad || r.Good || r.Lost == 0 || !slices.Contains(r.CaughtBy, byPorcupine) || !slices.Contains(r.CaughtBy, byVerify) {
		t.Errorf("exit code %d, %d lost, caught by %v\n%s", code, r.Lost, r.CaughtBy, said)
	}
}

func TestThePlanOfARoundIsItsSeeds(t *testing.T) {
	t.Parallel()
	kinds := make(map[string]bool)
	for seed := range uint64(20) {
		one, again := plan(seed, 10*time.Second), plan(seed, 10*time.Second)
		if len(one) == 0 || !reflect.DeepEqual(one, again) {
			t.Errorf("seed %d: %v and %v", seed, one, again)
		}
		for _, f := range one {
			kinds[f.Kind] = true
			if f.For <= 0 && f.Kind != killNode && f.Kind != crashStopped || f.At >= 10*time.Second || f.Node < 0 || f.Node > 1 {
				t.Errorf("seed %d: %v", seed, f)
			}
		}
	}
	if len(kinds) != len(often) {
		t.Errorf("only %v in twenty rounds", kinds)
	}
	if reflect.DeepEqual(plan(1, time.Minute), plan(2, time.Minute)) {
		t.Error("two seeds are one plan")
	}
}

func TestAnswersThatPromiseNothingWasDone(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		reply reply
		want  verdict
	}{
		"no connection":           {reply{err: os.ErrDeadlineExceeded}, nothing},
		"no answer":               {reply{sent: true, err: os.ErrDeadlineExceeded}, unknown},
		"half an answer":          {reply{sent: true, status: 201, body: []byte(`{"booking":`)}, unknown},
		"carried out":             {reply{sent: true, status: 201, body: []byte(`{"booking":{"id":"a"}}`)}, acknowledged},
		"no body":                 {reply{sent: true, status: 204}, acknowledged},
		"a rule":                  {reply{sent: true, status: 409, body: []byte(`{"code":"sold_out"}`)}, refused},
		"too busy":                {reply{sent: true, status: 503, body: []byte(`{"code":"overloaded"}`)}, nothing},
		"the log is out of reach": {reply{sent: true, status: 503, body: []byte(`{"code":"unavailable"}`)}, nothing},
		"nobody knows":            {reply{sent: true, status: 503, body: []byte(`{"code":"outcome_unknown"}`)}, unknown},
		"took too long":           {reply{sent: true, status: 503, body: []byte(`{"code":"timeout"}`)}, unknown},
		"a bug":                   {reply{sent: true, status: 500, body: []byte(`{"code":"internal"}`)}, unknown},
	} {
		if got := understand(row.reply, time.Now()); got.Verdict != row.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWrongUse(t *testing.T) {
	t.Parallel()
	for _, args := range []string{"--break nothing", "--rounds -1", "--length 1ms", "now", "--fast"} {
		var stdout, stderr bytes.Buffer
		if code := run(t.Context(), strings.Fields(args), &stdout, &stderr); code != exitUsage || stderr.Len() == 0 {
			t.Errorf("%s: exit code %d, %s", args, code, stderr.String())
		}
	}
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, &stdout, &stderr); code != exitGood || !strings.Contains(stdout.String(), "--break") {
		t.Errorf("--help: exit code %d, %s", code, stdout.String())
	}
}

func TestARoundIsPlayedAgainByItsSeed(t *testing.T) {
	t.Parallel()
	o, err := parse([]string{"--seed", "7", "--length", "3s", "--break", "lost"})
	if err != nil {
		t.Fatal(err)
	}
	third := o.seedOf(2)
	again, err := parse(strings.Fields(strings.TrimPrefix(o.replay(third), "go run ./scripts/torture ")))
	if err != nil || again.seedOf(0) != third || again.length != o.length || again.sin != o.sin || again.rounds != 1 {
		t.Errorf("%s: %+v, %v", o.replay(third), again, err)
	}
	if o.seedOf(0) != 7 || o.seedOf(1) == o.seedOf(2) {
		t.Error("seeds")
	}
}
