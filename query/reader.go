// Package query is the read side: SQL in, views out.
//
// A view is as old as the read tables are. Whoever must read what they have written waits before asking; nothing here
// waits.
package query

import (
	"errors"

	"github.com/jackc/pgx/v5/pgxpool"
)

// ErrNotFound says that there is no such thing, or none that the filter lets one see.
var ErrNotFound = errors.New("not found")

// A Reader answers queries from the read tables. It is safe for concurrent use.
type Reader struct {
	pool *pgxpool.Pool
}

// New returns a reader of the tables behind the pool, which stays the caller's to close. A replica will do.
func New(pool *pgxpool.Pool) *Reader { return &Reader{pool: pool} }

// Paging picks a page of a list: Page counts from 1, Limit is its size.
type Paging struct {
	Page  int
	Limit int
}

func (p Paging) offset() int { return (p.Page - 1) * p.Limit }
