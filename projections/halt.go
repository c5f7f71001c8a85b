package projections

import (
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"onsale/eventstore"
)

// ErrHalted says that a projection cannot go on: it met an event that cannot be read or applied.
var ErrHalted = errors.New("projection halted")

// halted names the event at which a projection halts, and the request that caused it.
func halted(e *eventstore.RecordedEvent, why error) error {
	return fmt.Errorf("%w at position %d (%s, version %d of %s, request %q): %w",
		ErrHalted, e.Position, e.Type, e.Version, e.Stream, e.Metadata.CorrelationID, why)
}

// unfit reports whether the database refuses what is to be stored: a data exception, or a constraint. Trying again as it is
// will not help.
func unfit(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (strings.HasPrefix(pg.Code, "22") || strings.HasPrefix(pg.Code, "23"))
}
