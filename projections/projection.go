// Package projections makes read tables from the log.
//
// A projection is a handler of a watermill router that is fed by the store's subscriber, one message per page of the log.
// What it promises:
//
//   - A page's changes and the checkpoint commit together, the checkpoint by compare-and-swap: every event is applied
//     once, in order, on any number of nodes.
//   - An event that cannot be read or applied halts that projection, loudly, and no other. It is never passed over.
//   - [Runner.CatchUp] returns when the tables have everything up to a position.
//
// The tables may be dropped at any moment: the log has it all.
package projections

import (
	"time"

	"github.com/jackc/pgx/v5"

	"onsale/command/sale"
	"onsale/eventstore"
)

// A Projection makes tables of its own from the log.
type Projection struct {
	// Name names the projection, its checkpoint, and the database schema in which its tables are.
	Name string
	// Version changes whenever Tables, Indexes or what Apply makes of an event does: the tables are then made anew from the
	// beginning of the log.
	Version int
	// Tables creates the tables. It runs once, with the projection's schema as search path.
	Tables string
	// Indexes creates what Apply can do without, such as the indexes that readers need. It runs after Tables; a rebuild runs
	// it when the tables are filled, which takes less time than to fill them with it.
	Indexes string
	// Pace is how long after a page the next one waits while nobody waits for it, so that it has more: a page has its price,
	// however little is in it. 0: not at all.
	Pace time.Duration
	// Apply queues the statements that apply a run of events, in order. It may merge what belongs together: nobody sees the
	// tables in between. Names of tables carry their schema.
	Apply func(changes []Change, to *pgx.Batch)
}

// A Change is a recorded event with what it says.
type Change struct {
	*eventstore.RecordedEvent
	Event sale.Event
}

// All returns the projections of this program.
func All() []Projection { return []Projection{Listings(), Bookings(), SalesTimeline()} }
