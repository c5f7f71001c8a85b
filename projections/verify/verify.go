// Package verify replays the whole log and holds it, and what was made of it, against the rules.
//
// It promises:
//
//   - All that it looks at is of one instant: the log, the checkpoints, the read tables and the snapshots. So it may run
//     beside nodes that sell; it locks nothing and writes nothing.
//   - The judge is its own: it adds up the events by what each of them says and by what each claim should have, and uses
//     neither the sale's Evolve nor the projections' Apply.
//   - Memory is bounded by the largest sale, not by the log: sales are replayed one after the other, and the rows of every
//     table come in the same order.
//
// A projection's tables are compared with the log up to that projection's own checkpoint. Being behind is no violation.
package verify

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/jackc/pgx/v5"
)

// Options say how to verify. The zero Options are good.
type Options struct {
	// Progress is told now and then how many of how many events have been replayed. It is called by one goroutine at a
	// time, and holds up the replay.
	Progress func(done, total int64)
}

// Verify checks the database at url, which is opened several times: once for the log and once for each table. An error
// means that it could not be verified; what is wrong with it is in the report.
func Verify(ctx context.Context, url string, o Options) (Report, error) {
	if o.Progress == nil {
		o.Progress = func(int64, int64) {}
	}
	for again := range attempts {
		report, err := attempt(ctx, url, o)
		if err == nil {
			return report.total(), nil
		}
		if !errors.Is(err, errReplaced) || again == attempts-1 {
			return Report{}, fmt.Errorf("verify: %w", err)
		}
	}
	panic("unreachable")
}

// attempts is how often to begin anew when tables are replaced while they are being opened, which takes milliseconds.
const attempts = 5

func attempt(ctx context.Context, url string, o Options) (*Report, error) {
	ctx, cancel := context.WithCancel(ctx)
	s := &session{url: url}
	defer func() {
		cancel() // else what was not read is read to its end before the connection closes
		s.close()
	}()
	v := &verification{session: s, report: newReport(), progress: o.Progress}
	log, err := v.begin(ctx)
	if err == nil {
		err = v.open(ctx, log)
	}
	if err == nil {
		err = v.check(ctx, log)
	}
	return v.report, err
}

// A verification is one under way.
type verification struct {
	*session
	report   *Report
	count    int64 // of the events there are
	progress func(done, total int64)

	comparisons []*comparison
	snapshots   *snapshots
}

// open opens everything there is to look at.
func (v *verification) open(ctx context.Context, log *pgx.Conn) error {
	if err := v.measure(ctx, log); err != nil {
		return err
	}
	for _, c := range compared() {
		if err := v.prepare(ctx, log, c); err != nil {
			return fmt.Errorf("projection %s: %w", c.projection.Name, err)
		}
	}
	conn, err := v.join(ctx)
	if err != nil {
		return err
	}
	if v.snapshots, err = openSnapshots(ctx, conn, v.report); err != nil {
		return err
	}
	return v.unreplaced(ctx)
}

func (v *verification) check(ctx context.Context, log *pgx.Conn) error {
	if err := v.checkPositions(ctx, log); err != nil {
		return err
	}
	if err := readLog(ctx, log, v.replay); err != nil {
		return err
	}
	if v.report.Events != v.count {
		v.report.violate(ruleVersions, Violation{
			Expected: fmt.Sprintf("%d events in the order of sales", v.count),
			Found:    fmt.Sprintf("%d: the index is damaged", v.report.Events),
		})
	}
	for _, c := range v.comparisons {
		if err := c.finish(); err != nil {
			return err
		}
	}
	return v.snapshots.finish()
}

// replay goes through the log, sale by sale.
func (v *verification) replay(pages iter.Seq[[]entry]) error {
	var l *ledger
	for page := range pages {
		for i := range page {
			e := &page[i]
			if l == nil || l.id != e.stream {
				if err := v.leave(l); err != nil {
					return err
				}
				l = newLedger(e.stream, v.report)
				v.report.Sales++
			}
			if err := v.before(e, l); err != nil {
				return err
			}
			l.apply(e)
			v.report.Events++
		}
		v.progress(v.report.Events, v.count)
	}
	return v.leave(l)
}

// before compares the sale with all that knows it as it is before the event.
func (v *verification) before(e *entry, l *ledger) error {
	for _, c := range v.comparisons {
		if e.position > c.position {
			if err := c.compare(l); err != nil {
				return err
			}
		}
	}
	return v.snapshots.before(e.version, l)
}

// leave compares the sale, whose events are over, with all that knows it as it is now.
func (v *verification) leave(l *ledger) error {
	if l == nil {
		return nil
	}
	for _, c := range v.comparisons {
		if err := c.compare(l); err != nil {
			return err
		}
	}
	return v.snapshots.leave(l)
}
