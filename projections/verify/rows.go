package verify

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"iter"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Rows are a table of rows R, of which each belongs to a sale.
type rows[R comparable] struct {
	name   string
	query  string         // with the schema to be filled in; it returns the rows in the order of their sales
	fields func(*R) []any // where the query's columns go
	key    func(*R) (sale uuid.UUID, row rowKey)
	want   func(*ledger) iter.Seq[R] // what a sale makes

	read    pgx.Rows
	columns []string
	into    []any // the places of next's columns
	next    R     // was read and has not been compared
	more    bool  // there is a next
	found   map[rowKey]R
}

func (t *rows[R]) open(ctx context.Context, conn *pgx.Conn, schema string) (err error) {
	if t.read, err = conn.Query(ctx, fmt.Sprintf(t.query, schema)); err != nil {
		return fmt.Errorf("read %s: %w", t.name, err)
	}
	for _, column := range t.read.FieldDescriptions() {
		t.columns = append(t.columns, column.Name)
	}
	t.into = t.fields(&t.next)
	t.found = make(map[rowKey]R)
	return t.advance()
}

func (t *rows[R]) advance() error {
	var err error
	if t.more = t.read.Next(); t.more {
		err = t.read.Scan(t.into...)
	} else {
		err = t.read.Err()
	}
	if err != nil {
		return fmt.Errorf("read %s: %w", t.name, err)
	}
	return nil
}

// compare is part of [table].
func (t *rows[R]) compare(l *ledger, tell func(Violation)) error {
	for t.more {
		sale, row := t.key(&t.next)
		order := bytes.Compare(sale[:], l.id[:])
		if order > 0 {
			break
		}
		if order < 0 {
			t.tooMany(sale, row, tell)
		} else {
			t.found[row] = t.next
		}
		if err := t.advance(); err != nil {
			return err
		}
	}
	for want := range t.want(l) {
		_, row := t.key(&want)
		got, ok := t.found[row]
		delete(t.found, row)
		switch {
		case !ok:
			tell(Violation{Stream: l.id, Expected: fmt.Sprintf("row %s in %s", row, t.name), Found: "none"})
		case got != want:
			expected, found := differences(t.columns, t.fields(&want), t.fields(&got))
			tell(Violation{Stream: l.id, Expected: fmt.Sprintf("row %s in %s with %s", row, t.name, expected), Found: found})
		}
	}
	if len(t.found) > 0 {
		for _, row := range slices.SortedFunc(maps.Keys(t.found), rowKey.compare) {
			t.tooMany(l.id, row, tell)
			delete(t.found, row)
		}
	}
	return nil
}

// finish is part of [table].
func (t *rows[R]) finish(tell func(Violation)) error {
	for t.more {
		sale, row := t.key(&t.next)
		t.tooMany(sale, row, tell)
		if err := t.advance(); err != nil {
			return err
		}
	}
	return nil
}

func (t *rows[R]) tooMany(sale uuid.UUID, row rowKey, tell func(Violation)) {
	tell(Violation{Stream: sale, Expected: fmt.Sprintf("no row %s in %s", row, t.name), Found: "one"})
}

// A rowKey tells the rows of one sale in one table apart: by an id of theirs, or by a time.
type rowKey struct {
	id uuid.UUID
	at moment
}

func (k rowKey) String() string {
	if k.id == uuid.Nil {
		return k.at.String()
	}
	return k.id.String()
}

func (k rowKey) compare(other rowKey) int {
	return cmp.Or(compareIDs(k.id, other.id), time.Time(k.at).Compare(time.Time(other.at)))
}

func compareIDs(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) }
