package postgres

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"strings"
	"sync"
)

const (
	// linePrefix is log_line_prefix: the kind of process, and its pid.
	linePrefix = "%b [%p] "
	readyLine  = "database system is ready to accept connections"
	tailLines  = 12
	longest    = 64 << 10 // bytes of a line that are kept
)

// line takes apart what linePrefix made, and what is said before the settings
// are read and has another prefix or none.
var line = regexp.MustCompile(`^(.*?)(?: ?\[(\d+)\])? ?(DEBUG|LOG|INFO|NOTICE|WARNING|ERROR|FATAL|PANIC):  (.*)$`)

// output takes what a server writes to its standard error, one line at a time,
// gives it to a logger and remembers the end of it. Everything that runs in
// the server writes whole lines.
type output struct {
	log   *slog.Logger
	ready chan struct{} // closed when the server is

	mu      sync.Mutex
	partial []byte
	last    []string
	isReady bool
}

func newOutput(log *slog.Logger) *output {
	return &output{log: log, ready: make(chan struct{})}
}

// Write never fails.
func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for rest := p; len(rest) > 0; {
		before, after, whole := bytes.Cut(rest, []byte("\n"))
		o.partial = append(o.partial, before[:min(len(before), longest-len(o.partial))]...)
		rest = after
		if whole {
			o.take(string(o.partial))
			o.partial = o.partial[:0]
		}
	}
	return len(p), nil
}

func (o *output) take(text string) {
	if strings.TrimSpace(text) == "" {
		return
	}
	o.last = append(o.last, text)
	o.last = o.last[max(0, len(o.last)-tailLines):]

	level, attrs := slog.LevelInfo, []slog.Attr(nil)
	if parts := line.FindStringSubmatch(text); parts != nil {
		level = levelOf(parts[3], parts[1])
		text = parts[4]
		attrs = append(attrs, slog.String("process", parts[1]), slog.String("pid", parts[2]))
	}
	o.log.LogAttrs(context.Background(), level, "postgres: "+strings.TrimSpace(text), attrs...)

	if !o.isReady && strings.HasSuffix(text, readyLine) {
		o.isReady = true
		close(o.ready)
	}
}

// levelOf judges a line. What goes wrong for a client is told to that client,
// whose business it is to complain.
func levelOf(severity, process string) slog.Level {
	switch {
	case severity == "PANIC":
		return slog.LevelError
	case severity == "DEBUG", process == "client backend":
		return slog.LevelDebug
	case severity == "ERROR", severity == "FATAL":
		return slog.LevelError
	case severity == "WARNING":
		return slog.LevelWarn
	}
	return slog.LevelInfo
}

// tail returns the last lines, as one.
func (o *output) tail() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return strings.Join(o.last, " | ")
}
