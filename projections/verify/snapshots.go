package verify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/jackc/pgx/v5"

	"onsale/command/sale"
	"onsale/eventstore"
)

const snapshotsSQL = `
select stream, version, position, schema, state
  from snapshots
 order by stream`

// Snapshots compares each sale with its snapshot, at the snapshot's version.
type snapshots struct {
	report *Report
	rows   pgx.Rows
	next   *eventstore.Snapshot // nil: no more
}

func openSnapshots(ctx context.Context, conn *pgx.Conn, report *Report) (*snapshots, error) {
	rows, err := conn.Query(ctx, snapshotsSQL)
	if err != nil {
		return nil, fmt.Errorf("read the snapshots: %w", err)
	}
	s := &snapshots{report: report, rows: rows}
	return s, s.advance()
}

func (s *snapshots) advance() error {
	s.next = nil
	if s.rows.Next() {
		n := new(eventstore.Snapshot)
		if err := s.rows.Scan((*[16]byte)(&n.Stream), &n.Version, &n.Position, &n.Schema, &n.State); err != nil {
			return fmt.Errorf("read the snapshots: %w", err)
		}
		s.next = n
		return nil
	}
	if err := s.rows.Err(); err != nil {
		return fmt.Errorf("read the snapshots: %w", err)
	}
	return nil
}

// before compares the sale as it is before its event of that version.
func (s *snapshots) before(version int64, l *ledger) error {
	for s.next != nil && (compareIDs(s.next.Stream, l.id) < 0 || s.next.Stream == l.id && s.next.Version < version) {
		s.check(l)
		if err := s.advance(); err != nil {
			return err
		}
	}
	return nil
}

// leave compares the sale as it is at its end.
func (s *snapshots) leave(l *ledger) error {
	for s.next != nil && compareIDs(s.next.Stream, l.id) <= 0 {
		s.check(l)
		if err := s.advance(); err != nil {
			return err
		}
	}
	return nil
}

func (s *snapshots) finish() error {
	for s.next != nil {
		s.check(newLedger(s.next.Stream, s.report))
		if err := s.advance(); err != nil {
			return err
		}
	}
	return nil
}

// check compares the next snapshot with the sale at its version, which is the end of the sale if there is no such version.
func (s *snapshots) check(l *ledger) {
	n := s.next
	broken, expected, found := ruleSnapshots, "", error(nil)
	if n.Stream != l.id {
		l = newLedger(n.Stream, s.report)
	}
	restored, unreadable := restore(n)
	switch {
	case n.Version != l.version || n.Position != l.position:
		expected = fmt.Sprintf("the sale at version %d, position %d", l.version, l.position)
		found = fmt.Errorf("a snapshot at version %d, position %d", n.Version, n.Position)
	case unreadable != nil: // writers replay the sale instead
		broken, expected, found = ruleCompared, "a snapshot that can be read", unreadable
	default:
		expected, found = "the sale as it was", l.differs(restored)
	}
	if found != nil {
		s.report.violate(broken, Violation{
			Position: n.Position, Stream: n.Stream, Version: n.Version, Expected: expected, Found: found.Error(),
		})
	}
}

func restore(n *eventstore.Snapshot) (*sale.Sale, error) {
	if n.Schema != sale.SnapshotSchema {
		return nil, fmt.Errorf("one of schema %d", n.Schema)
	}
	restored, err := sale.Restore(n.State)
	if err == nil && restored.Version != n.Version {
		err = fmt.Errorf("one of version %d", restored.Version)
	}
	return restored, err
}

// differs says in what the sale differs, nil if in nothing that a decision could depend on.
func (l *ledger) differs(s *sale.Sale) error {
	o := l.opened
	if s.Closed != l.closed {
		return fmt.Errorf("closed: %v", s.Closed)
	}
	if s.ID != l.id || s.Organizer != o.Organizer || s.Title != o.Title || s.Description != o.Description || s.Venue != o.Venue ||
		s.Currency != o.Currency || !s.StartsAt.Equal(o.StartsAt) || s.TimeZone != o.TimeZone || !s.OpenedAt.Equal(o.At) {
		return errors.New("another description")
	}
	if !slices.EqualFunc(s.Sections, l.sections, func(a sale.Section, b section) bool { return a == b.Section }) {
		return fmt.Errorf("sections %+v", s.Sections)
	}
	for i := range l.claims {
		want := &l.claims[i]
		got, _ := s.Claim(want.ID)
		if !sameClaim(&got, want) {
			return fmt.Errorf("another claim %s: %s", want.ID, describe(got))
		}
		if want.Live() && l.live[want.Buyer] == want.ID && !known(s, want) {
			return fmt.Errorf("nothing of buyer %s, who has %s", want.Buyer, want.ID)
		}
	}
	return nil
}

// known reports whether the sale would refuse the buyer of a live claim another.
func known(s *sale.Sale, c *sale.Claim) bool {
	_, err := sale.Decide(s, sale.Book{Order: sale.Order{Buyer: c.Buyer, Section: c.Section, Quantity: 1}})
	var refusal *sale.Refusal
	return errors.As(err, &refusal) && refusal.ClaimID == c.ID
}

func sameClaim(a, b *sale.Claim) bool {
	return a.ID == b.ID && a.Buyer == b.Buyer && a.Seats == b.Seats && a.Status == b.Status &&
		a.CreatedAt.Equal(b.CreatedAt) && a.ExpiresAt.Equal(b.ExpiresAt) && a.HeldUntil.Equal(b.HeldUntil) &&
		a.ConfirmedAt.Equal(b.ConfirmedAt) && a.CancelledAt.Equal(b.CancelledAt) &&
		a.RemainingAfter == b.RemainingAfter && a.VersionAfter == b.VersionAfter && a.Idempotency == b.Idempotency
}
