package command_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"onsale/command"
)

func TestSimulatedPayments(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		delay, patience time.Duration
		took            time.Duration
		want            error
	}{
		"takes its time and declines nobody": {delay: time.Second, patience: time.Minute, took: time.Second},
		"takes no time if it has none":       {delay: 0, patience: time.Minute},
		"ends with its caller's patience":    {delay: time.Minute, patience: time.Second, took: time.Second, want: context.DeadlineExceeded},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), row.patience)
				defer cancel()
				g, began := command.SimulatedPayments{Delay: row.delay}, time.Now()
				if err := g.Charge(ctx, command.Payment{}); !errors.Is(err, row.want) {
					t.Errorf("error %v, want %v", err, row.want)
				}
				if took := time.Since(began); took != row.took {
					t.Errorf("took %s, want %s", took, row.took)
				}
				if err := g.Refund(ctx, command.Payment{}); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
