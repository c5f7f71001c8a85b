package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// The report of the requirement, to the letter.
const golden = `=== Concurrency Test ===
Event: "Limited Concert" (2 tickets available)
Sending 10 simultaneous booking requests...

Results:
  Successful bookings: 2
  Rejected (no tickets): 8
  Remaining tickets after test: 0

TEST PASSED: No overselling detected
`

// result is what one run of the program printed and how it ended.
type result struct {
	code           int
	stdout, stderr string
	pauses         []time.Duration
}

var runs atomic.Int64

// play runs the program against the server of that URL. It never really pauses.
func play(ctx context.Context, url string, args ...string) (r result) {
	var stdout, stderr bytes.Buffer
	var mu sync.Mutex
	r.code = run(ctx, append([]string{"--url", url, "--timeout", "20s"}, args...), world{
		getenv: func(string) string { return "" },
		now:    func() time.Time { return today },
		random: func() string { return fmt.Sprintf("%012dRANDOM", runs.Add(1)) },
		pause: func(ctx context.Context, d time.Duration) error {
			mu.Lock()
			defer mu.Unlock()
			r.pauses = append(r.pauses, d)
			return ctx.Err()
		},
		stdout: &stdout,
		stderr: &stderr,
	})
	r.stdout, r.stderr = stdout.String(), stderr.String()
	return r
}

func (r result) mustBe(t *testing.T, code int, lines ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d", r.code, code)
	}
	for _, line := range lines {
		if !strings.Contains(r.stdout+r.stderr, line) {
			t.Errorf("missing: %s", line)
		}
	}
	if t.Failed() {
		t.Logf("standard output:\n%s\nstandard error:\n%s", r.stdout, r.stderr)
	}
}

func TestTheDefaultRunPrintsTheRequirementsReport(t *testing.T) {
	t.Parallel()
	f := &fake{events: []*fakeEvent{concert("e1", "Other", 2), concert("e2", "Limited Concert", 2)}, gather: 10}
	r := play(t.Context(), f.start(t))
	r.mustBe(t, exitPassed, "The race took ")
	if strings.Contains(r.stderr, "anew") {
		t.Errorf("buyers did not race on the connections that they had opened before:\n%s", r.stderr)
	}
	if r.stdout != golden {
		t.Errorf("standard output is\n%s\nwant\n%s", r.stdout, golden)
	}
}

func TestScenarios(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		args   string
		gather int
		want   []string
	}{
		"twenty buyers race for five VIP seats": {"--scenario vip", 20, []string{
			`Event: "VIP Night", section "VIP" (5 tickets available)`, "bookings: 5\n", "(no tickets): 15\n", "after test: 0\n"}},
		"three seats fit into five once, and two remain": {"--scenario groups", 10, []string{
			"Sending 10 simultaneous booking requests for 3 tickets each...", "bookings: 1\n", "(not enough tickets): 9\n", "after test: 2\n"}},
		"all scenarios run one after the other": {"--scenario all", 0, []string{
			golden, "=== Concurrency Test: VIP seats ===", "=== Concurrency Test: groups ==="}},
		"two hundred buyers race for fifty tickets": {"--users 200 --tickets 50", 200, []string{
			"(50 tickets available)", "bookings: 50\n", "(no tickets): 150\n", "after test: 0\n"}},
		"a section can be named": {"--section Balcony --users 3 --tickets 1", 3, []string{
			`section "Balcony" (1 ticket available)`, "bookings: 1\n", "(no tickets): 2\n"}},
		"more tickets than buyers leave some": {"--users 2 --tickets 9 --qty 2", 2, []string{
			"bookings: 2\n", "(no tickets): 0\n", "after test: 5\n"}},
		"one buyer alone gets a ticket": {"--users 1 --tickets 1", 1, []string{"Sending 1 simultaneous booking request...", "bookings: 1\n"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fake{events: []*fakeEvent{concert("e1", "Limited Concert", 2)}, gather: test.gather}
			play(t.Context(), f.start(t), strings.Fields(test.args)...).mustBe(t, exitPassed, test.want...)
		})
	}
}

func TestABuyerWithoutAnAnswerInTimeFailsTheRun(t *testing.T) {
	t.Parallel()
	f := &fake{events: []*fakeEvent{concert("e1", "Limited Concert", 2)}, gather: 11}
	play(t.Context(), f.start(t), "--timeout", "1s").mustBe(t, exitFailed,
		"Unexpected: 10 x no answer in time", "TEST FAILED: unexpected answers: 10 x no answer in time", "0 bookings succeeded, expected 2")
}

func TestReadsAfterTheRaceAskForWhatTheRaceWrote(t *testing.T) {
	t.Parallel()
	f := &fake{events: []*fakeEvent{concert("e1", "Limited Concert", 2)}, needsFresh: true}
	play(t.Context(), f.start(t)).mustBe(t, exitPassed)
}

func TestInterruptedRunReachesNoVerdict(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	f := &fake{events: []*fakeEvent{concert("e1", "Limited Concert", 2)}, gather: 10, booked: cancel}
	f.during = func(*fakeEvent) int { return 0 }
	r := play(ctx, f.start(t))
	r.mustBe(t, exitFailed, "race: interrupted, no verdict")
	if strings.Contains(r.stdout, "TEST ") {
		t.Errorf("a verdict was printed:\n%s", r.stdout)
	}
}

func TestAnOrderSaysNoMoreThanItMust(t *testing.T) {
	t.Parallel()
	one, two := event{ID: "e", Sections: []section{{ID: "a"}}}, event{ID: "e", Sections: []section{{ID: "a"}, {ID: "b"}}}
	tests := map[string]struct {
		event    event
		quantity int
		want     string
	}{
		"one ticket of the only section is the requirement's body": {one, 1, `{"eventId":"e"}`},
		"more than one ticket needs a quantity":                    {one, 3, `{"eventId":"e","qty":3}`},
		"one of several sections must be named":                    {two, 1, `{"eventId":"e","sectionId":"a"}`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			st := stage{event: test.event, section: test.event.Sections[0]}
			if got, err := json.Marshal(st.order(test.quantity)); err != nil || string(got) != test.want {
				t.Errorf("got %s, %v, want %s", got, err, test.want)
			}
		})
	}
}
