package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// server is a process that answers the API: a node, or a baseline.
type server struct {
	*process
	URL      string // http://127.0.0.1:port
	Metrics  string // address of a node's metrics; empty for a baseline
	Database string // its address
}

// serve starts a server of the group, and returns when it answers.
func (l *lab) serve(ctx context.Context, name, database string, settings []string, program string, args ...string) (*server, error) {
	p, err := l.start(name, l.dir, settings, program, args...)
	if err != nil {
		return nil, err
	}
	l.servers[name] = &server{process: p, Database: database}
	line, err := p.line(ctx, "http://")
	for err == nil && program == l.onsale && !strings.Contains(line, "API") { // its dashboard is named before
		line, err = p.line(ctx, "http://")
	}
	if err != nil {
		return nil, err
	}
	address := strings.Fields(line[strings.Index(line, "http://"):])[0]
	l.servers[name].URL = strings.Replace(address, "localhost", "127.0.0.1", 1)
	return l.servers[name], nil
}

// remove stops one server before its group is done.
func (l *lab) remove(name string) error {
	s := l.servers[name]
	if s == nil {
		return nil
	}
	delete(l.servers, name)
	return s.stop()
}

// metrics scrapes a node: values by name with labels, as in onsale_projection_lag_events{projection="bookings"}.
func (s *server) metrics(ctx context.Context) (map[string]float64, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.Metrics, nil)
	if err != nil {
		return nil, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", s.Metrics, answer.Status)
	}
	values := make(map[string]float64)
	in := bufio.NewScanner(answer.Body)
	for in.Scan() {
		name, value, _ := cutLast(in.Text(), " ")
		if v, err := strconv.ParseFloat(value, 64); err == nil && !strings.HasPrefix(name, "#") {
			values[name] = v
		}
	}
	return values, in.Err()
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return s, "", false
}

// tells fails where a scrape has not all of these metrics, by their names with labels: what is not told must not be taken for zero.
func tells(metrics map[string]float64, names ...string) error {
	for _, name := range names {
		if _, told := metrics[name]; !told {
			return fmt.Errorf("the node's metrics have no %s", name)
		}
	}
	return nil
}

// lagOf is how many events of the log a node's read tables do not show, all projections together. False: the node does not tell,
// as while it cannot ask the database.
func lagOf(metrics map[string]float64) (lag float64, told bool) {
	for key, v := range metrics {
		if bare, _, _ := strings.Cut(key, "{"); bare == lagMetric {
			lag, told = lag+v, true
		}
	}
	return lag, told
}

const (
	drainTimeout = time.Minute
	drainPoll    = 10 * time.Millisecond
	lagMetric    = "onsale_projection_lag_events"
)

// drained waits until a node's read tables show the whole log, and returns how long that took.
func (s *server) drained(ctx context.Context) (time.Duration, error) {
	began := time.Now()
	tick := time.NewTicker(drainPoll)
	defer tick.Stop()
	for {
		m, err := s.metrics(ctx)
		lag, told := lagOf(m)
		took := time.Since(began)
		switch {
		case err != nil:
			return took, err
		case told && lag == 0:
			return took, nil
		case took > drainTimeout && !told:
			return took, errors.New("the node's metrics have no " + lagMetric)
		case took > drainTimeout:
			return took, errors.New("the read tables do not catch up: " + strconv.FormatFloat(lag, 'f', 0, 64) + " events behind")
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return took, ctx.Err()
		}
	}
}
