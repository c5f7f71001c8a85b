package rest_test

import (
	"log/slog"
	"net/http"
	"testing"
	"time"

	"onsale/transport/rest"
)

func TestEveryWaitForAClientHasAnEnd(t *testing.T) {
	t.Parallel()
	s := rest.NewServer(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	for what, limit := range map[string]time.Duration{
		"a header": s.ReadHeaderTimeout, "a request": s.ReadTimeout, "an answer to be taken": s.WriteTimeout, "the next request": s.IdleTimeout,
	} {
		if limit <= 0 || limit > 5*time.Minute {
			t.Errorf("it waits %v for %s", limit, what)
		}
	}
	if s.MaxHeaderBytes <= 0 || s.MaxHeaderBytes > 64<<10 {
		t.Errorf("a header has up to %d bytes", s.MaxHeaderBytes)
	}
}
