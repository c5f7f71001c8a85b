package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func TestRequestsAreDueEvenlyPhaseAfterPhase(t *testing.T) {
	o := offer{Phases: []phase{{10, time.Second}, {100, 500 * time.Millisecond}}}
	for n, want := range map[int]time.Duration{0: 0, 9: 900 * time.Millisecond, 10: time.Second, 11: 1010 * time.Millisecond, 59: 1490 * time.Millisecond} {
		if due, more := o.due(n); due != want || !more {
			t.Errorf("the request %d is due at %s, not at %s", n, due, want)
		}
	}
	if _, more := o.due(60); more {
		t.Error("there is a request more than 60")
	}
}

func TestAnOpenLoopWaitsForNobody(t *testing.T) {
	const requests = 20
	arrived, release := make(chan struct{}, requests), make(chan struct{})
	address := serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- struct{}{}
		<-release
		w.WriteHeader(http.StatusCreated)
	}))
	go func() { // nobody is answered before everybody has come
		for range requests {
			<-arrived
		}
		close(release)
	}()
	o := offer{job: job{URL: address, Method: http.MethodPost, Path: "/book", Want: http.StatusCreated, Clients: requests, Tokens: tokens(t, requests)}}
	o.Phases = []phase{{1000, requests * time.Millisecond}}
	all, err := makeOffer(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	if len(all) != requests || all[0].Took < all[requests-1].Due-all[0].Due {
		t.Errorf("%d answers, the first after %s", len(all), all[0].Took)
	}
}

func TestWhatIsDueWhenAllConnectionsWaitIsNotSent(t *testing.T) {
	release := make(chan struct{})
	address := serving(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		<-release
		w.WriteHeader(http.StatusCreated)
	}))
	time.AfterFunc(300*time.Millisecond, func() { close(release) })
	o := offer{job: job{URL: address, Method: http.MethodPost, Path: "/book", Want: http.StatusCreated, Clients: 2, Tokens: tokens(t, 10)}}
	o.Phases = []phase{{100, 100 * time.Millisecond}}
	if all, err := makeOffer(t.Context(), o); err != nil || len(all) != 2 {
		t.Errorf("%d answers on two connections, %v", len(all), err)
	}
}

func TestARefusalTellsWhenToComeAgainOrIsAnError(t *testing.T) {
	var n atomic.Int64
	answer := func(header string) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if n.Add(1)%2 == 0 {
				w.WriteHeader(http.StatusCreated)
				return
			}
			w.Header().Set(header, "1")
			w.WriteHeader(http.StatusServiceUnavailable)
		})
	}
	o := offer{Shed: true, Phases: []phase{{1000, 10 * time.Millisecond}}}
	o.job = job{URL: serving(t, answer("Retry-After")), Method: http.MethodPost, Path: "/book", Want: http.StatusCreated, Clients: 10, Tokens: tokens(t, 10)}
	all, err := makeOffer(t.Context(), o)
	if err != nil || len(times(all, true)) != 5 || len(times(all, false)) != 5 {
		t.Errorf("%+v, %v", all, err)
	}
	o.Shed = false
	if _, err := makeOffer(t.Context(), o); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("no refusal is wanted: %v", err)
	}
	o.Shed, o.URL = true, serving(t, answer("Try-Again"))
	if _, err := makeOffer(t.Context(), o); err == nil || !strings.Contains(err.Error(), "503") {
		t.Errorf("it does not tell when to come again: %v", err)
	}
}

// every is an answer each few milliseconds.
func every(step time.Duration, from, to, took time.Duration, refused bool) (all []answered) {
	for at := from; at < to; at += step {
		all = append(all, answered{at, took, refused})
	}
	return all
}

func TestTheFirstCalmWindowIsTheRecovery(t *testing.T) {
	const ms = time.Millisecond
	slow := slices.Concat(every(5*ms, 0, 200*ms, 80*ms, false), every(5*ms, 200*ms, 2000*ms, 5*ms, false))
	refusing := slices.Concat(every(5*ms, 0, 300*ms, ms, true), every(5*ms, 300*ms, 2000*ms, 5*ms, false))
	for name, c := range map[string]struct {
		all  []answered
		want time.Duration
		well bool
	}{
		"calm from the start":      {every(5*ms, 0, 2000*ms, 5*ms, false), 0, true},
		"slow at first":            {slow, 200 * ms, true},
		"refusing at first":        {refusing, 300 * ms, true},
		"never calm":               {every(5*ms, 0, 2000*ms, 80*ms, false), 2000 * ms, false},
		"nobody was there to tell": {nil, 2000 * ms, false},
	} {
		got, well := recovered(c.all, 0, 2000*ms, 500*ms, 10*ms)
		if well != c.well || got > c.want || got < c.want-10*ms {
			t.Errorf("%s: %s %v, want %s %v", name, got, well, c.want, c.well)
		}
	}
}

func TestGoodputIsWhatIsSoldDuringTheFlood(t *testing.T) {
	phases := []phase{{100, time.Second}, {400, 3 * time.Second}, {100, 2 * time.Second}}
	const ms = time.Millisecond
	all := slices.Concat(
		every(10*ms, 0, time.Second, ms, false),
		every(10*ms, time.Second, 4*time.Second, ms, false), every(5*ms, time.Second, 4*time.Second, ms, true),
		every(10*ms, 4*time.Second, 6*time.Second, ms, false),
	)
	m, err := flooded(all, phases, 125, 0)
	if err != nil || m.Rate != 100 || m.Values[ofGoodput] != 0.8 || m.Values[ofRecovery] != 0 || m.Values["× the peak sent"] != 300.0/125 {
		t.Errorf("%+v, %v", m, err)
	}
}

func TestANodeThatNeverSellsAgainHasFailed(t *testing.T) {
	const ms = time.Millisecond
	flood := slices.Concat(every(10*ms, 0, time.Second, ms, false), every(10*ms, time.Second, 4*time.Second, ms, false))
	refusing := func(length time.Duration) (measure, error) {
		phases := []phase{{100, time.Second}, {400, 3 * time.Second}, {100, length}}
		return flooded(slices.Concat(flood, every(10*ms, 4*time.Second, 4*time.Second+length, ms, true)), phases, 125, 0)
	}
	if m, err := refusing(recoveryLook); err == nil {
		t.Errorf("%+v", m)
	}
	m, err := refusing(recoveryLook - ms)
	if again, told := m.Values[ofRecovery]; err != nil || told {
		t.Errorf("it was looked for too short a time to tell: %g, %v", again, err)
	}
}

func TestWhatTheFloodDidNotMeasureIsNotTold(t *testing.T) {
	const ms = time.Millisecond
	phases := []phase{{100, time.Second}, {400, 3 * time.Second}, {100, time.Second}}
	m, err := flooded(every(10*ms, 0, 5*time.Second, ms, false), phases, 125, 0)
	if p99, told := m.Values["refused p99 ms, from when due"]; err != nil || told {
		t.Errorf("nobody was refused: %g ms, %v", p99, err)
	}
	if m, err := flooded(every(10*ms, time.Second, 5*time.Second, ms, false), phases, 125, 0); err == nil {
		t.Errorf("nobody came before: %+v", m)
	}
	if m, err := flooded(every(10*ms, 0, time.Second, ms, false), phases, 125, 0); err == nil {
		t.Errorf("nobody came in the flood: %+v", m)
	}
	if mb, told := memoryOf(0, "VmHWM"); told {
		t.Errorf("%g MB of a process that there is not", mb)
	}
	if mb, told := memoryOf(os.Getpid(), "VmHWM"); !told || mb <= 0 {
		t.Errorf("%g MB, %v, of this one", mb, told)
	}
}

func TestALagThatIsNotToldIsNotDrained(t *testing.T) {
	for text, want := range map[string]bool{
		"onsale_projection_lag_events{projection=\"a\"} 0\n": true, "go_goroutines 7\n": false, "": false,
	} {
		ctx, cancel := context.WithCancel(t.Context())
		asked := 0
		s := &server{Metrics: serving(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if asked++; asked > 1 { // so it waits
				cancel()
			}
			io.WriteString(w, text)
		}))}
		if _, err := s.drained(ctx); (err == nil) != want {
			t.Errorf("%q: %v", text, err)
		}
		cancel()
	}
	if err := tells(map[string]float64{"a": 0}, "a"); err != nil {
		t.Error(err)
	}
	if err := tells(map[string]float64{"a": 0}, "a", "b"); err == nil {
		t.Error("there is no b, and it was not told")
	}
}

func TestAQuantileIsTheBoundOfItsBucket(t *testing.T) {
	const series = `took_bucket{route="/book",status="503"`
	before := map[string]float64{series + `,le="0.1"}`: 100, series + `,le="1"}`: 100, series + `,le="+Inf"}`: 100}
	after := func(fast, slow, slower float64) map[string]float64 {
		return map[string]float64{
			series + `,le="0.1"}`: 100 + fast, series + `,le="1"}`: 100 + slow, series + `,le="+Inf"}`: 100 + slower,
			`took_bucket{route="/book",status="201",le="0.1"}`: 9,
		}
	}
	for want, values := range map[time.Duration]map[string]float64{
		100 * time.Millisecond: after(99, 100, 100), time.Second: after(98, 99, 100), time.Hour: after(0, 0, 1),
	} {
		if got, known := quantileOf(before, values, series, 0.99); got != want || !known {
			t.Errorf("%s, %v, want %s", got, known, want)
		}
	}
	for name, values := range map[string]map[string]float64{"seen nothing": after(0, 0, 0), "there is none": {"other": 1}} {
		if got, known := quantileOf(before, values, series, 0.99); known {
			t.Errorf("%s: %s", name, got)
		}
	}
}

func TestNobodyMindsAShortTimeThatGetsLonger(t *testing.T) {
	const ms = time.Millisecond
	for _, c := range []struct {
		p99, alone time.Duration
		want       float64
	}{{10 * ms, ms, 2}, {11 * ms, ms, 2.2}, {40 * ms, 20 * ms, 2}, {2 * ms, 2 * ms, 0.4}} {
		if got := worse(c.p99, c.alone); got != c.want {
			t.Errorf("%s beside %s: %g, want %g", c.p99, c.alone, got, c.want)
		}
	}
}

func TestAPinnedProcessAndItsChildrenStayOnTheirCore(t *testing.T) {
	cores, err := allowedCores()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sh", "-c", "sleep 60 & echo started; wait")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	family, err := []int(nil), error(nil)
	t.Cleanup(func() {
		for _, pid := range slices.Backward(family) {
			if p, err := os.FindProcess(pid); err == nil {
				_ = p.Kill()
			}
		}
		_ = cmd.Wait()
	})
	if _, err := io.ReadFull(out, make([]byte, len("started\n"))); err != nil {
		t.Fatal(err)
	}
	if err := pin(cmd.Process.Pid, cores[:1]); err != nil {
		t.Fatal(err)
	}
	if family, err = familyOf(cmd.Process.Pid); err != nil || len(family) != 2 {
		t.Fatalf("%v, %v", family, err)
	}
	for _, pid := range family {
		if got := procField(filepath.Join("/proc", strconv.Itoa(pid), "status"), "Cpus_allowed_list"); got != strconv.Itoa(cores[0]) {
			t.Errorf("%d may run on %s", pid, got)
		}
	}
}

func TestOverloadIsMeasuredByItself(t *testing.T) {
	for _, args := range [][]string{nil, {"--overload"}} {
		o, err := parse(args, io.Discard)
		if err != nil {
			t.Fatal(err)
		}
		groups := make(map[string]bool)
		for _, r := range o.choose(allRows(o.settings)) {
			groups[r.group] = true
		}
		if groups[groupOverload] != o.Overload || o.Overload && len(groups) != 1 {
			t.Errorf("%v: %v", args, slices.Sorted(maps.Keys(groups)))
		}
	}
}

func TestADisturbanceThatThereIsNotIsTold(t *testing.T) {
	text, err := json.Marshal(disturbance{Kind: "earthquake"})
	if err != nil {
		t.Fatal(err)
	}
	if err := disturbRole(t.Context(), string(text), io.Discard); err == nil {
		t.Error("no error")
	}
}

func TestAFloodAndEveryDisturbanceAreMeasuredOnTheRealPrograms(t *testing.T) {
	t.Parallel()
	ran(t, func(r *report) (err error) {
		for name, values := range map[string][]string{
			rowFlood: {"peak/s", ofFloodMemory}, rowLogIns: {"log-ins/s", ofWorse}, rowSlowViewers: {"viewers", ofWorse},
			rowLoris: {"connections", ofWorse}, rowIdle: {"connections", ofWorse}, rowSearches: {"searches/s", ofWorse},
		} {
			cell, missing := r.cellOf(groupOverload, name)
			err = errors.Join(err, missing, cell.without(values...))
		}
		return err
	}, "--overload", "--only", "one core$|^bookings")
}
