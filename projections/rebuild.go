package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/sync/errgroup"

	"onsale/eventstore"
)

// ErrRebuilding says that another process is making a new generation of the same projection.
var ErrRebuilding = errors.New("somebody else is rebuilding it")

// RebuildOptions says how to rebuild.
type RebuildOptions struct {
	// Keep keeps the tables of the generations that are replaced, in schemas named after projection and generation.
	Keep bool
	// IfNeeded leaves alone the tables that, when it is their turn, are of the right version and of this log. Of several nodes
	// that find them wrong at once, one makes them anew; see [ErrRebuilding] for the others.
	IfNeeded bool
	// PageSize is the most events in one transaction. 0 means 20,000: a seat that is held and sold in one page is written once.
	PageSize int
	// Progress, if not nil, is called after each page with how far all are and where the log ended when it was last looked at.
	Progress func(at, head int64)
}

// Rebuild makes a new generation of each projection beside the live one, which goes on serving and being kept up to date; lets
// it catch up with the log; and puts it in the live one's place, in one transaction, so that readers see no gap. Nodes that
// run the projection need not be told.
//
// Killed at any moment it leaves the live generations as they are. What it leaves half made the next one clears away.
func Rebuild(ctx context.Context, pool *pgxpool.Pool, store *eventstore.Store, o RebuildOptions, projections ...Projection) error {
	if o.PageSize == 0 {
		o.PageSize = 20_000
	}
	b := &builder{pool: pool, store: store, options: o}
	defer b.release()
	for _, p := range slices.SortedFunc(slices.Values(projections), func(a, b Projection) int { return strings.Compare(a.Name, b.Name) }) {
		if err := b.begin(ctx, p); err != nil {
			return fmt.Errorf("rebuild %s: %w", p.Name, err)
		}
	}
	if len(b.making) == 0 {
		return nil
	}
	if err := b.pump(ctx); err != nil {
		return err
	}
	for _, g := range b.making {
		if err := g.takeOver(ctx, b); err != nil {
			return fmt.Errorf("rebuild %s: %w", g.Name, err)
		}
	}
	return nil
}

// A builder makes new generations of some projections, all in one pass over the log.
type builder struct {
	pool    *pgxpool.Pool
	store   *eventstore.Store
	options RebuildOptions
	making  []*making
}

// making is a generation in the making.
type making struct {
	Projection
	conn       *pgx.Conn // its own; holds the lock that keeps others from making one too
	generation int
	position   int64 // what its tables know
}

// rebuildLockSQL locks for the session. Who was killed may need a moment to let go.
const rebuildLockSQL = `select pg_advisory_lock(hashtextextended('onsale.rebuild.' || $1, 0))`

const buildingSettings = `
set synchronous_commit = off; -- it can be made again
set plan_cache_mode = force_generic_plan; -- and never a plan from when its tables were small
set enable_seqscan = off; set enable_hashjoin = off; set enable_mergejoin = off`

const beginGenerationSQL = `
insert into projections (name, generation, version, state, position)
values ($1, coalesce((select max(generation) from projections where name = $1), 0) + 1, $2, 'building', 0)
returning generation`

// begin clears away what an earlier rebuild left half made, and makes new, empty tables.
func (b *builder) begin(ctx context.Context, p Projection) error {
	conn, err := pgx.ConnectConfig(ctx, b.pool.Config().ConnConfig)
	if err != nil {
		return err
	}
	g := &making{Projection: p, conn: conn}
	b.making = append(b.making, g)
	if _, err := conn.Exec(ctx, buildingSettings); err != nil {
		return err
	}
	if err := g.lock(ctx); err != nil {
		return err
	}
	if b.options.IfNeeded {
		if needed, err := g.needed(ctx); err != nil || !needed {
			b.making = b.making[:len(b.making)-1]
			conn.Close(context.Background())
			return err
		}
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		if err := p.sweep(ctx, tx); err != nil {
			return err
		}
		if err := tx.QueryRow(ctx, beginGenerationSQL, p.Name, p.Version).Scan(&g.generation); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, fmt.Sprintf(schemaSQL, g.schema(g.generation))+p.Tables)
		return err
	})
}

func (g *making) lock(ctx context.Context) error {
	err := pgx.BeginFunc(ctx, g.conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(ctx, "set local lock_timeout = '1s'"); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, rebuildLockSQL, g.Name)
		return err
	})
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "55P03" { // lock_not_available
		return ErrRebuilding
	}
	return err
}

const neededSQL = `
select exists (select from projections p
                where p.name = $1 and p.state = 'live' and (p.version <> $2 or not ` + standsSQL + `))`

// needed reports whether the live tables are of another version, or of a log that is no more.
func (g *making) needed(ctx context.Context) (needed bool, err error) {
	err = g.conn.QueryRow(ctx, neededSQL, g.Name, g.Version).Scan(&needed)
	return needed, err
}

// schema is where the tables of a generation that is not live are. Names of projections need no quotes.
func (p Projection) schema(generation int) string { return fmt.Sprintf("%s_%d", p.Name, generation) }

const forgetBuildingSQL = `delete from projections where name = $1 and state = 'building'`

const leftoversSQL = `
select nspname from pg_namespace
 where nspname ~ ('^' || $1 || '_[0-9]+$')
   and nspname not in (select name || '_' || generation from projections where name = $1)`

// sweep drops the tables of all generations but the live one and those that are kept: they were never finished, or replaced
// by somebody who was killed before dropping them.
func (p Projection) sweep(ctx context.Context, tx pgx.Tx) error {
	if _, err := tx.Exec(ctx, forgetBuildingSQL, p.Name); err != nil {
		return err
	}
	rows, err := tx.Query(ctx, leftoversSQL, p.Name)
	if err != nil {
		return err
	}
	schemas, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return err
	}
	for _, schema := range schemas {
		if _, err := tx.Exec(ctx, "drop schema "+schema+" cascade"); err != nil {
			return err
		}
	}
	return nil
}

// release gives back the connections, and with them the locks.
func (b *builder) release() {
	for _, g := range b.making {
		g.conn.Close(context.Background())
	}
}

// pump brings all that are in the making, which are at the same place, to the end of the log: one reads and decodes, and
// each applies at its own pace.
func (b *builder) pump(ctx context.Context) error {
	group, ctx := errgroup.WithContext(ctx)
	feeds := make([]chan []Change, len(b.making))
	for i, g := range b.making {
		feeds[i] = make(chan []Change, 2)
		group.Go(func() error {
			for changes := range feeds[i] {
				if err := g.apply(ctx, g.conn, changes); err != nil {
					return fmt.Errorf("rebuild %s: %w", g.Name, err)
				}
			}
			if ctx.Err() != nil {
				return ctx.Err()
			}
			return g.finish(ctx)
		})
	}
	group.Go(func() error {
		for _, feed := range feeds {
			defer close(feed)
		}
		return b.read(ctx, b.making[0].position, func(changes []Change) error {
			for _, feed := range feeds {
				select {
				case feed <- changes:
				case <-ctx.Done():
					return ctx.Err()
				}
			}
			return nil
		})
	})
	return group.Wait()
}

// read hands over the log after a position, page by page, until a page is not full: that is about its end. The next page is
// fetched while one is decoded and handed over.
func (b *builder) read(ctx context.Context, position int64, to func([]Change) error) error {
	head, err := b.store.Head(ctx)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	pages := make(chan eventstore.Page)
	group.Go(func() error {
		defer close(pages)
		return b.fetch(ctx, position, pages)
	})
	group.Go(func() error {
		for page := range pages {
			changes, err := decode(page)
			if err != nil {
				return err
			}
			if err := to(changes); err != nil {
				return err
			}
			if b.options.Progress != nil {
				b.options.Progress(page.Through(), max(head, page.Through()))
			}
		}
		return nil
	})
	return group.Wait()
}

func (b *builder) fetch(ctx context.Context, position int64, to chan<- eventstore.Page) error {
	for {
		page, err := b.store.ReadAfter(ctx, position, b.options.PageSize)
		if err != nil || len(page.Events) == 0 {
			return err
		}
		select {
		case to <- page:
		case <-ctx.Done():
			return ctx.Err()
		}
		if len(page.Events) < b.options.PageSize {
			return nil
		}
		position = page.Through()
	}
}

// Outdated returns those of the projections whose live tables are of another version.
func Outdated(ctx context.Context, pool *pgxpool.Pool, projections ...Projection) ([]Projection, error) {
	generations, err := Generations(ctx, pool)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(slices.Clone(projections), func(p Projection) bool {
		return !slices.ContainsFunc(generations, func(g Generation) bool {
			return g.Name == p.Name && g.State == "live" && g.Version != p.Version
		})
	}), nil
}
