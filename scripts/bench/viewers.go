package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
)

// A watchJob is what the role watch is to do: open so many WebSockets, and watch the event, until it is told to stop.
type watchJob struct {
	URL     string `json:"url"` // of a node, http://127.0.0.1:port
	Event   string `json:"event"`
	Viewers int    `json:"viewers"`
	Tokens  string `json:"tokens"` // the file of the buyers' tokens: each is one of them
	Result  string `json:"result"` // the file to write what was seen to
}

// watchReady is the line that says that all watch.
const watchReady = "ready"

// watchRole does the job, which is given as JSON.
func watchRole(ctx context.Context, text string, out io.Writer) error {
	var job watchJob
	if err := json.Unmarshal([]byte(text), &job); err != nil {
		return fmt.Errorf("the viewers' job: %w", err)
	}
	file, err := os.Open(job.Tokens)
	if err != nil {
		return err
	}
	defer file.Close()
	var tokens []string
	for lines := bufio.NewScanner(file); len(tokens) < job.Viewers && lines.Scan(); {
		tokens = append(tokens, lines.Text())
	}
	if len(tokens) < job.Viewers {
		return fmt.Errorf("%d viewers: there are only %d buyers", job.Viewers, len(tokens))
	}
	seen, err := watch(ctx, strings.TrimPrefix(job.URL, "http://"), job.Event, tokens, func() { fmt.Fprintln(out, watchReady) })
	if err != nil {
		return err
	}
	found, err := json.Marshal(seen)
	if err != nil {
		return fmt.Errorf("what viewers saw: %w", err)
	}
	return os.WriteFile(job.Result, found, 0o600)
}

// viewers are a process of the role watch.
type viewers struct {
	*process
	watchJob
}

// watch has so many viewers watch an event; it returns when all do.
func (l *lab) watch(ctx context.Context, s *server, event string, n int) (*viewers, error) {
	v := &viewers{watchJob: watchJob{
		URL: s.URL, Event: event, Viewers: n, Tokens: l.buyers.file, Result: filepath.Join(l.dir, "watched.json"),
	}}
	text, err := json.Marshal(v.watchJob)
	if err != nil {
		return nil, err
	}
	if v.process, err = l.start("watch", l.dir, nil, l.self, "watch", string(text)); err != nil {
		return nil, err
	}
	if _, err := v.line(ctx, watchReady); err != nil {
		return nil, errors.Join(err, v.stop())
	}
	return v, nil
}

// leave ends the watching, and returns what was seen.
func (v *viewers) leave() (*watched, error) {
	if err := v.stop(); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(v.Result)
	if err != nil {
		return nil, err
	}
	seen := newWatched()
	return seen, json.Unmarshal(text, seen)
}
