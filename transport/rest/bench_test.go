package rest_test

import (
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"

	"onsale/command"
	"onsale/command/sale"
	"onsale/transport/rest"
)

// sink is a ResponseWriter that costs nothing.
type sink struct {
	header http.Header
	status int
}

func (s *sink) Header() http.Header         { return s.header }
func (s *sink) Write(b []byte) (int, error) { return len(b), nil }
func (s *sink) WriteHeader(status int)      { s.status = status }

// What everything between net/http and the command costs a booking, JSON and log line included.
func BenchmarkBook(b *testing.B) {
	for name, bench := range map[string]struct {
		f      *fakes
		status int
		log    bool
	}{
		"booked":            {&fakes{command: func(any) (command.Receipt, error) { return receipt(sale.Confirmed), nil }}, 201, false},
		"booked with a log": {&fakes{command: func(any) (command.Receipt, error) { return receipt(sale.Confirmed), nil }}, 201, true},
		"sold out": {&fakes{command: func(any) (command.Receipt, error) {
			return command.Receipt{}, &sale.Refusal{Reason: sale.ErrSoldOut, Version: 3}
		}}, 409, false},
	} {
		b.Run(name, func(b *testing.B) {
			api := newAPI(b, bench.f, func(o *rest.Options) {
				o.CommandsPerMinute = 1 << 40
				o.Origins = []string{"http://localhost:3000"}
				if bench.log {
					o.Logger = slog.New(slog.NewJSONHandler(io.Discard, nil)) //nolint:sloglint // to write the line is what is measured
				}
			})
			body := strings.NewReader(validSeats)
			r := post("/book", validSeats).build()
			r.Body = io.NopCloser(body)
			w := &sink{header: make(http.Header)}
			b.ReportAllocs()
			for b.Loop() {
				body.Reset(validSeats)
				clear(w.header)
				bench.f.given = bench.f.given[:0]
				api.ServeHTTP(w, r)
				if w.status != bench.status {
					b.Fatal(w.status)
				}
			}
		})
	}
}

// What a request costs that finds no free slot: in a flood nearly all do, and what they cost is taken from those who are served.
func BenchmarkNoSlot(b *testing.B) {
	under, release := make(chan struct{}), make(chan struct{})
	f := &fakes{command: func(any) (command.Receipt, error) { close(under); <-release; return receipt(sale.Confirmed), nil }}
	api := newAPI(b, f, func(o *rest.Options) {
		o.MaxInFlight = 1
		o.Origins = []string{"http://localhost:3000"}
		o.Logger = slog.New(slog.NewJSONHandler(io.Discard, nil)) //nolint:sloglint // to write the line is what is measured
	})
	var first sync.WaitGroup
	first.Go(func() { api.ServeHTTP(&sink{header: make(http.Header)}, post("/book", validSeats).build()) })
	<-under
	r := post("/book", validSeats).build()
	w := &sink{header: make(http.Header)}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		api.ServeHTTP(w, r)
		if w.status != http.StatusServiceUnavailable {
			b.Fatal(w.status)
		}
	}
	close(release)
	first.Wait()
}
