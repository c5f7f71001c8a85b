package verify

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"onsale/projections"
)

// A comparand is a projection whose tables can be compared.
type comparand struct {
	projection projections.Projection
	rule       rule
	tables     func() []table
}

// compared returns what is compared: one entry a projection.
func compared() []comparand {
	return []comparand{
		{projections.Listings(), ruleListings, listingsTables},
		{projections.Bookings(), ruleBookings, bookingsTables},
		{projections.SalesTimeline(), ruleTimeline, timelineTables},
	}
}

// A table compares one table with what each sale makes of it. Sales come in the order of their ids, each once.
type table interface {
	open(ctx context.Context, conn *pgx.Conn, schema string) error
	compare(l *ledger, tell func(Violation)) error
	// finish is called after the last sale.
	finish(tell func(Violation)) error
}

// A comparison compares the tables of one projection with the log up to where the projection is.
type comparison struct {
	name string
	live
	tables []table
	tell   func(Violation)
	last   *ledger // was compared
}

// compare compares the sale as it is now, unless that has been done.
func (c *comparison) compare(l *ledger) error {
	if c.last == l {
		return nil
	}
	c.last = l
	for _, t := range c.tables {
		if err := t.compare(l, c.tell); err != nil {
			return fmt.Errorf("compare %s: %w", c.name, err)
		}
	}
	return nil
}

func (c *comparison) finish() error {
	for _, t := range c.tables {
		if err := t.finish(c.tell); err != nil {
			return fmt.Errorf("compare %s: %w", c.name, err)
		}
	}
	return nil
}

// Live tables are those that readers read. A rebuild puts others in their place.
type live struct {
	schema     string
	generation int
	version    int // of the projection that made them
	position   int64
	halted     string // why they cannot go on; empty: they can
	stands     bool   // the log has the event at position that they remember
}

const liveSQL = `
select p.generation, p.version, p.position, coalesce(p.halted, ''),
       p.position = 0
       or exists (select from events e where e.position = p.position and e.command_id = coalesce(p.last_command, e.command_id))
  from projections p
 where p.name = $1 and p.state = 'live'`

// liveTables finds the live tables of a projection, which are in the schema that is named after it; [pgx.ErrNoRows] if
// there are none.
func liveTables(ctx context.Context, conn *pgx.Conn, projection string) (live, error) {
	found := live{schema: pgx.Identifier{projection}.Sanitize()}
	err := conn.QueryRow(ctx, liveSQL, projection).Scan(&found.generation, &found.version, &found.position, &found.halted, &found.stands)
	return found, err
}

// errReplaced says that tables were not opened before others took their place. What was opened then is not of the instant.
var errReplaced = errors.New("a rebuild has replaced the tables meanwhile")

// unreplaced makes sure that the tables that were opened are those of the instant: while they are open they stay. Names
// are looked up as they are now, whatever else a transaction sees.
func (v *verification) unreplaced(ctx context.Context) error {
	now, err := v.connect(ctx)
	if err != nil {
		return err
	}
	for _, c := range v.comparisons {
		found, err := liveTables(ctx, now, c.name)
		if errors.Is(err, pgx.ErrNoRows) || err == nil && (found.generation != c.generation || found.version != c.version) {
			return errReplaced
		}
		if err != nil {
			return fmt.Errorf("find the tables of %s: %w", c.name, err)
		}
	}
	return nil
}

// prepare opens the tables of a projection.
func (v *verification) prepare(ctx context.Context, log *pgx.Conn, p comparand) error {
	found, err := liveTables(ctx, log, p.projection.Name)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		v.report.violate(p.rule, Violation{Expected: "tables of " + p.projection.Name, Found: "none"})
		return nil
	case err != nil:
		return fmt.Errorf("find its tables: %w", err)
	case found.version != p.projection.Version:
		v.report.violate(ruleCompared, Violation{
			Expected: fmt.Sprintf("%s of version %d", p.projection.Name, p.projection.Version),
			Found:    fmt.Sprintf("version %d: not compared", found.version),
		})
		return nil
	}
	switch {
	case found.position > v.report.Position:
		v.report.violate(p.rule, Violation{
			Expected: fmt.Sprintf("tables that know the log up to %d at most", v.report.Position),
			Found:    fmt.Sprintf("a checkpoint at %d", found.position),
		})
	case !found.stands:
		v.report.violate(p.rule, Violation{
			Position: found.position, Expected: "tables of this log", Found: "tables that saw another event here: the log was restored under them",
		})
	}
	c := &comparison{
		name: p.projection.Name, live: found,
		tell: func(violation Violation) {
			violation.Position = found.position
			v.report.violate(p.rule, violation)
		},
	}
	for _, t := range p.tables() {
		conn, err := v.join(ctx)
		if err != nil {
			return err
		}
		switch err := t.open(ctx, conn, found.schema); {
		case missing(err):
			c.tell(Violation{Expected: "a table", Found: err.Error()})
		case err != nil:
			return err
		default:
			c.tables = append(c.tables, t)
		}
	}
	v.comparisons = append(v.comparisons, c)
	v.report.Projections = append(v.report.Projections, Projection{
		Name: c.name, Position: c.position, Behind: max(v.report.Position-c.position, 0), Halted: c.halted,
	})
	return nil
}

// missing reports whether there is no such table.
func missing(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == "42P01"
}
