package verify_test

import (
	"fmt"
	"testing"

	"onsale/command/sale"
	"onsale/projections"
	"onsale/projections/verify"
)

func TestABusyHistoryIsClean(t *testing.T) {
	t.Parallel()
	for seed := range uint64(4) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, seed)
			w.run(200)
			w.do(w.sales[0], sale.Close{Reason: "The hall is flooded", At: w.now})
			for i, s := range w.sales {
				if i%2 == 0 {
					w.snapshot(s)
				}
			}
			w.run(200)
			w.apply()
			report := w.wantClean()
			if report.Events != w.head || report.Position != w.head || report.Sales != int64(len(w.sales)) || report.Bookings == 0 {
				t.Errorf("%d events to %d of %d sales, %d bookings", report.Events, report.Position, report.Sales, report.Bookings)
			}
		})
	}
}

func TestAnEmptyLogIsClean(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	if report := w.wantClean(); report.Events != 0 || report.Sales != 0 {
		t.Errorf("%+v", report)
	}
}

func TestTablesThatAreBehindAreComparedWhereTheyAre(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 5)
	w.run(200)
	w.apply()
	at := w.head
	w.run(200)
	report := w.wantClean()
	for _, p := range report.Projections {
		if p.Position != at || p.Behind != w.head-at {
			t.Errorf("%+v, want at %d, %d behind", p, at, w.head-at)
		}
	}
	w.sql("update listings.events set remaining = remaining - 1 where id = (select id from listings.events limit 1)")
	w.wantBroken("listings")
}

func TestEveryProjectionIsCompared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1)
	report := w.wantClean()
	if len(report.Projections) != len(projections.All()) {
		t.Errorf("compared %v of %d projections", report.Projections, len(projections.All()))
	}
}

func TestProgressIsToldToTheEnd(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 6)
	w.run(700)
	var told []int64
	_, err := verify.Verify(t.Context(), w.url, verify.Options{Progress: func(done, total int64) {
		if total != w.head || done > total || len(told) > 0 && done < told[len(told)-1] {
			t.Errorf("%d of %d after %v", done, total, told)
		}
		told = append(told, done)
	}})
	if err != nil || len(told) == 0 || told[len(told)-1] != w.head {
		t.Errorf("told %v, %v; want it to end with %d", told, err, w.head)
	}
}
