package identity

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"

	"github.com/prometheus/client_golang/prometheus"

	"onsale/command/metricstest"
)

func TestTheHashingGateIsCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		registry := prometheus.NewRegistry()
		s, err := New(nil, Options{
			AccessSecret: accessSecret, RefreshSecret: refreshSecret, BcryptCost: 4, HashSlots: 1, HashQueue: 2, Metrics: registry,
		})
		if err != nil {
			t.Fatal(err)
		}
		held := make(chan struct{})
		for range 2 {
			go s.hash(t.Context(), func() error { <-held; return nil })
		}
		synctest.Wait() // one inside, one waits
		impatient, giveUp := context.WithCancel(t.Context())
		go s.hash(impatient, func() error { t.Error("worked"); return nil })
		synctest.Wait()
		want := func(counts map[string]float64) {
			t.Helper()
			for name, value := range counts {
				if got := metricstest.Value(t, registry, "onsale_password_hashing_"+name); got != value {
					t.Errorf("%s is %v, want %v", name, got, value)
				}
			}
		}
		if err := s.hash(t.Context(), nil); !errors.Is(err, ErrBusy) {
			t.Errorf("got %v", err)
		}
		want(map[string]float64{"running": 1, "waiting": 2, "places": 3, "rejected_total": 1, "seconds_count": 0})
		giveUp()
		synctest.Wait()
		close(held)
		synctest.Wait()
		want(map[string]float64{"running": 0, "waiting": 0, "abandoned_total": 1, "rejected_total": 1, "seconds_count": 2})
	})
}
