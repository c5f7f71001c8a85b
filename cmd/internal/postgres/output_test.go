package postgres

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestOutput(t *testing.T) {
	t.Parallel()
	rows := map[string]struct{ text, want string }{
		"a line of the server is told":              {"checkpointer [12] LOG:  hello\n", "INFO postgres: hello process=checkpointer pid=12"},
		"what a client did wrong is its own affair": {"client backend [12] ERROR:  duplicate key\n", "DEBUG postgres: duplicate key process=client backend pid=12"},
		"a fault of the server's is an error":       {"autovacuum worker [12] ERROR:  invalid page\n", "ERROR postgres: invalid page process=autovacuum worker pid=12"},
		"the end of everything is an error":         {"client backend [12] PANIC:  no space\n", "ERROR postgres: no space process=client backend pid=12"},
		"a warning is a warning":                    {"startup [12] WARNING:  odd\n", "WARN postgres: odd process=startup pid=12"},
		"what has no form is told as it is":         {"segmentation fault\n", "INFO postgres: segmentation fault"},
		"an empty line is not":                      {"\n", ""},
		"half a line waits for the other half":      {"checkpointer [12] LOG:  hel", ""},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got recorder
			out := newOutput(slog.New(&got))
			fmt.Fprint(out, row.text)
			if strings.Join(got.lines, "\n") != row.want {
				t.Errorf("got %q, want %q", got.lines, row.want)
			}
		})
	}
	t.Run("the server is ready when it says so, however the line is cut", func(t *testing.T) {
		t.Parallel()
		out := newOutput(slog.New(slog.DiscardHandler))
		for _, b := range []byte("postmaster [1] LOG:  " + readyLine + "\n") {
			select {
			case <-out.ready:
				t.Fatal("too early")
			default:
			}
			out.Write([]byte{b})
		}
		<-out.ready
	})
	t.Run("only the end is remembered, and no line grows without bound", func(t *testing.T) {
		t.Parallel()
		out := newOutput(slog.New(slog.DiscardHandler))
		for i := range 1000 {
			fmt.Fprintf(out, "%s %d\n", bytes.Repeat([]byte("x"), 3), i)
		}
		for range 100 {
			out.Write(bytes.Repeat([]byte("y"), longest/10))
		}
		if tail := out.tail(); strings.Contains(tail, "x 900") || !strings.Contains(tail, "x 999") {
			t.Errorf("remembered: %s", tail)
		}
		if len(out.partial) != longest {
			t.Errorf("%d bytes of one line were kept", len(out.partial))
		}
	})
}

// recorder is a log in memory.
type recorder struct {
	slog.Handler
	lines []string
}

func (r *recorder) Enabled(context.Context, slog.Level) bool { return true }

func (r *recorder) Handle(_ context.Context, record slog.Record) error {
	line := record.Level.String() + " " + record.Message
	record.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	r.lines = append(r.lines, line)
	return nil
}

func TestSharedBuffers(t *testing.T) {
	t.Parallel()
	rows := map[string]struct{ memory, want int64 }{
		"a large machine gives 256 MiB": {64 << 30, 256},
		"a small one an eighth":         {1 << 30, 128},
		"a tiny one 32 MiB":             {128 << 20, 32},
		"an unknown one 256 MiB":        {0, 256},
	}
	for name, row := range rows {
		if got := sharedBuffers(row.memory); got != row.want {
			t.Errorf("%s: got %d", name, got)
		}
	}
}
