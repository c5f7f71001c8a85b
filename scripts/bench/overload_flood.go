package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	floodOf          = 4.0         // times the peak are offered
	floodConnections = 8000        // at most: more than the node has slots, and it and we have files for
	floodWarm        = time.Second // of the flood does not count: it is the time in which the slots fill up
	probeRate        = 200.0       // bookings a second, before and after
	probeWindow      = 500 * time.Millisecond
	recoveryLook     = 2*time.Second + probeWindow // after the flood: who has not recovered in that has failed
)

// calm is a p99 that nobody minds, whatever it was before.
const calm = 10 * time.Millisecond

// payment is how long one takes, unless it is said otherwise: see PAYMENT_DELAY.
const payment = time.Second

// payers are how many pay at once when the peak is measured: nearly as many as the node has slots, so that nobody is refused.
const payers = 4000

// paymentCells is how many cells count where payments take their time. Those that began together end together: bookings come in waves,
// four of them in five seconds, and in a few of them one more or less would be seen as a quarter more or less.
const paymentCells = 3

// floodRow offers a hot event four times what it can sell: open loop, on a core that is not the node's and PostgreSQL's, which
// share another. The peak is measured right before, by the same generator in a closed loop. A few bookings before and after
// tell when the node is as it was.
//
// With a payment of a second, as it comes, the slots are what is scarce, and the peak is what goes through them. Without, the core
// is: then more can be asked for than can be answered at all, and it is told how much was sent.
func floodRow(pay time.Duration) func(context.Context, *lab) (measure, error) {
	return func(ctx context.Context, l *lab) (measure, error) { return l.flood(ctx, pay) }
}

func (l *lab) flood(ctx context.Context, pay time.Duration) (_ measure, err error) {
	cores, err := allowedCores()
	if err != nil {
		return measure{}, err
	}
	if len(cores) < 2 {
		return measure{Values: map[string]float64{"core: it takes two": 1}}, nil
	}
	s, undo, err := l.pinned(ctx, cores[:1], cores, fmt.Sprint("PAYMENT_DELAY=", pay))
	defer func() { err = errors.Join(err, undo()) }()
	if err != nil {
		return measure{}, err
	}
	ids, err := l.open(ctx, s, 2, seats)
	if err != nil {
		return measure{}, err
	}
	counted := l.Cell
	closed := book(s, ids[0])
	closed.Cores = cores[1:]
	if pay > 0 {
		counted *= paymentCells
		closed.Clients, closed.Warm, closed.Length = payers, pay+floodWarm, counted
	}
	peak, err := l.load(ctx, closed)
	if err == nil && peak.Rate == 0 {
		err = errors.New("nothing was sold before the flood: this machine needs a longer cell")
	}
	if err != nil {
		return measure{}, err
	}
	if _, err := s.drained(ctx); err != nil {
		return measure{}, err
	}
	o := offer{job: book(s, ids[1]), Shed: true, Phases: []phase{
		{probeRate, l.Cell}, {floodOf * peak.Rate, floodWarm + pay + counted}, {probeRate, pay + l.Cell},
	}}
	o.Clients, o.Cores = floodConnections, cores[1:]
	before, err := s.metrics(ctx)
	if err != nil {
		return measure{}, err
	}
	all, err := l.offer(ctx, o)
	if err != nil {
		return measure{}, err
	}
	after, err := s.metrics(ctx)
	if err != nil {
		return measure{}, err
	}
	m, err := flooded(all, o.Phases, peak.Rate, pay)
	if err != nil {
		return measure{}, err
	}
	refusal, known := quantileOf(before, after, `onsale_http_request_seconds_bucket{method="POST",route="/book",status="503"`, 0.99)
	m.tell(ofRefusal, milliseconds(refusal), known)
	for name, field := range map[string]string{ofFloodMemory: "VmHWM", "MB after": "VmRSS"} {
		memory, known := memoryOf(s.Pid(), field)
		m.tell(name, memory, known)
	}
	_, err = s.drained(ctx)
	return m, err
}

// pinned starts a node that has, together with PostgreSQL, these cores only. undo stops it and lets PostgreSQL have all.
func (l *lab) pinned(ctx context.Context, cores, all []int, setting string) (s *server, undo func() error, err error) {
	const name = "pinned"
	undo = func() error { return errors.Join(pin(l.postgres.Pid(), all), l.remove(name)) }
	database, err := l.newDatabase(ctx)
	if err != nil {
		return nil, undo, err
	}
	if s, err = l.nodeOn(ctx, name, database, setting, fmt.Sprint("GOMAXPROCS=", len(cores))); err != nil {
		return nil, undo, err
	}
	return s, undo, errors.Join(pin(l.postgres.Pid(), cores), pin(s.Pid(), cores))
}

// flooded is what became of a flood, the second of three phases. Goodput are the bookings that were answered in the time that
// counts. It is an error when a node does not sell as before although that was looked for long enough.
func flooded(all []answered, phases []phase, peak float64, pay time.Duration) (measure, error) {
	began := phases[0].Length
	ended := began + phases[1].Length
	end := ended + phases[2].Length
	warm := floodWarm + pay
	counted := (phases[1].Length - warm).Seconds()
	good := 0
	for _, a := range all {
		if !a.Refused && a.at() >= began+warm && a.at() < ended {
			good++
		}
	}
	flood := between(all, began+warm, ended)
	took, refused := times(flood, false), times(flood, true)
	probed := times(between(all, 0, began), false)
	if len(flood) == 0 || len(probed) == 0 {
		return measure{}, errors.New("nobody was answered before the flood, or in it: this machine needs a longer cell")
	}
	quiet := percentile(probed, 0.99)
	again, calmed := recovered(all, ended, end-pay, probeWindow, pay+max((quiet-pay)*3/2, calm))
	if looked := end - pay - ended; !calmed && looked >= recoveryLook {
		return measure{}, fmt.Errorf("in the %s after the flood it did not sell as before once", looked)
	}
	rate := float64(good) / counted
	m := measure{Rate: rate, P50: percentile(took, 0.50), P99: percentile(took, 0.99), Max: percentile(took, 1)}
	m.Values = map[string]float64{
		"× the peak sent": float64(len(flood)) / counted / peak,
		"peak/s":          peak, ofGoodput: rate / peak, "refused %": 100 * float64(len(refused)) / float64(len(flood)),
		"p99 before, ms": milliseconds(quiet),
	}
	m.tell("refused p99 ms, from when due", milliseconds(percentile(refused, 0.99)), len(refused) > 0)
	m.tell(ofRecovery, milliseconds(again), calmed)
	return m, nil
}

// memoryOf is a process's, in MB, by a name in /proc/PID/status: VmRSS now, VmHWM at most since it was started. False: the kernel
// does not tell.
func memoryOf(pid int, name string) (float64, bool) {
	text := procField(filepath.Join("/proc", strconv.Itoa(pid), "status"), name)
	kilobytes, err := strconv.ParseFloat(strings.TrimSuffix(text, " kB"), 64)
	return kilobytes / 1024, err == nil
}

// quantileOf is an upper bound of a quantile of what a histogram has seen between two scrapes: the bound of the bucket that it
// is in, an hour beyond the last one. False: it has seen nothing, or is not there. The series is the histogram's, with all labels
// but le.
func quantileOf(before, after map[string]float64, series string, q float64) (time.Duration, bool) {
	counts := make(map[float64]float64)
	for key, count := range after {
		le, found := strings.CutPrefix(key, series+`,le="`)
		if bound, err := strconv.ParseFloat(strings.TrimSuffix(le, `"}`), 64); found && err == nil {
			counts[bound] = count - before[key]
		}
	}
	all := counts[math.Inf(1)]
	for _, bound := range slices.Sorted(maps.Keys(counts)) {
		switch {
		case all == 0:
			return 0, false
		case math.IsInf(bound, 1):
			return time.Hour, true
		case counts[bound] >= q*all:
			return time.Duration(bound * float64(time.Second)), true
		}
	}
	return 0, false
}
