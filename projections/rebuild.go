package projections

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
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

const rebuildLockSQL = `select pg_try_advisory_lock(hashtextextended('onsale.rebuild.' || $1, 0))`

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
	var locked bool
	if err := conn.QueryRow(ctx, rebuildLockSQL, p.Name).Scan(&locked); err != nil {
		return err
	}
	if !locked {
		return ErrRebuilding
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

// schema is where the tables of a generation that is not live are. Names of projections need no quotes.
func (p Projection) schema(generation int) string { return fmt.Sprintf("%s_%d", p.Name, generation) }

const buildingOnesSQL = `select generation from projections where name = $1 and state = 'building'`

// sweep drops what was never finished.
func (p Projection) sweep(ctx context.Context, tx pgx.Tx) error {
	rows, err := tx.Query(ctx, buildingOnesSQL, p.Name)
	if err != nil {
		return err
	}
	generations, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return err
	}
	for _, generation := range generations {
		if err := p.drop(ctx, tx, generation); err != nil {
			return err
		}
	}
	return nil
}

const dropSQL = `delete from projections where name = $1 and generation = $2`

// drop forgets a generation that is not live.
func (p Projection) drop(ctx context.Context, tx pgx.Tx, generation int) error {
	if _, err := tx.Exec(ctx, "drop schema if exists "+p.schema(generation)+" cascade"); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, dropSQL, p.Name, generation)
	return err
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

// A beginner begins transactions: a connection, or a transaction, within which it makes a savepoint.
type beginner interface {
	Begin(ctx context.Context) (pgx.Tx, error)
}

const buildSQL = `
update projections set position = $3 where name = $1 and generation = $2 and state = 'building'`

// apply applies changes that follow the generation's position, and moves that, in one transaction. When the database refuses
// what is made of them, it applies everything before the event that it refuses, and the error names that.
func (g *making) apply(ctx context.Context, on beginner, changes []Change) error {
	err := g.commit(ctx, on, changes)
	if !unfit(err) {
		return err
	}
	if len(changes) == 1 {
		return halted(changes[0].RecordedEvent, err)
	}
	half := len(changes) / 2
	if err := g.apply(ctx, on, changes[:half]); err != nil {
		return err
	}
	return g.apply(ctx, on, changes[half:])
}

func (g *making) commit(ctx context.Context, on beginner, changes []Change) error {
	to := g.position + int64(len(changes))
	batch := &pgx.Batch{}
	g.Apply(changes, batch)
	for _, statement := range batch.QueuedQueries {
		statement.SQL = strings.ReplaceAll(statement.SQL, g.Name+".", g.schema(g.generation)+".")
	}
	batch.Queue(buildSQL, g.Name, g.generation, to)
	err := pgx.BeginFunc(ctx, on, func(tx pgx.Tx) error { return tx.SendBatch(ctx, batch).Close() })
	if err != nil {
		return fmt.Errorf("apply %d to %d: %w", g.position+1, to, err)
	}
	g.position = to
	return nil
}

const searchSQL = `select set_config('search_path', $1, true)`

const analyzeSQL = `
select 'analyze ' || string_agg(quote_ident(relname), ', ') from pg_class where relnamespace = to_regnamespace($1) and relkind = 'r'`

// finish makes the indexes of tables that are filled, and counts what is in them, so that readers get good plans at once.
func (g *making) finish(ctx context.Context) error {
	return pgx.BeginFunc(ctx, g.conn, func(tx pgx.Tx) error {
		schema := g.schema(g.generation)
		if _, err := tx.Exec(ctx, searchSQL, schema); err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, g.Indexes); err != nil {
			return err
		}
		var analyze string
		if err := tx.QueryRow(ctx, analyzeSQL, schema).Scan(&analyze); err != nil {
			return err
		}
		_, err := tx.Exec(ctx, analyze)
		return err
	})
}

// takeOver puts the generation in the live one's place.
func (g *making) takeOver(ctx context.Context, b *builder) error {
	for {
		// What is left after this comes while the live one's checkpoint is locked, so it has to be little.
		if err := b.read(ctx, g.position, func(changes []Change) error { return g.apply(ctx, g.conn, changes) }); err != nil {
			return err
		}
		replaced, err := g.swap(ctx, b)
		if errors.Is(err, errFarAhead) {
			continue
		}
		if err != nil || b.options.Keep {
			return err
		}
		return pgx.BeginFunc(ctx, g.conn, func(tx pgx.Tx) error { return g.drop(ctx, tx, replaced) })
	}
}

const lockLiveSQL = `
select generation, position from projections where name = $1 and state = 'live' for update`

const replaceSQL = `
update projections set state = $3, halted = null where name = $1 and generation = $2`

// mostLeft is how many events nodes may wait for, which takes about 100 ms.
const mostLeft = 5000

// errFarAhead says that too much has been sold meanwhile to be applied while nodes wait.
var errFarAhead = errors.New("the live generation is far ahead")

// swap makes this generation the live one and returns which one it replaced, 0 for none. While it holds the live one's
// checkpoint, no node applies anything to it.
func (g *making) swap(ctx context.Context, b *builder) (replaced int, err error) {
	err = pgx.BeginFunc(ctx, g.conn, func(tx pgx.Tx) error {
		var position int64
		err := tx.QueryRow(ctx, lockLiveSQL, g.Name).Scan(&replaced, &position)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return err
		}
		switch missing := int(position - g.position); {
		case missing > min(b.options.PageSize, mostLeft):
			return errFarAhead
		case missing > 0:
			if err := g.follow(ctx, tx, b, missing); err != nil {
				return err
			}
		}
		return g.replace(ctx, tx, replaced)
	})
	return replaced, err
}

// follow applies the events that the live generation has and this one has not.
func (g *making) follow(ctx context.Context, tx pgx.Tx, b *builder, missing int) error {
	page, err := b.store.ReadAfter(ctx, g.position, missing)
	if err != nil {
		return err
	}
	changes, err := decode(page)
	if err != nil {
		return err
	}
	return g.apply(ctx, tx, changes)
}

const hasSchemaSQL = `select to_regnamespace($1) is not null`

// replace renames schemas, which waits for no reader: a query that is running goes on with the old tables, and the next one
// finds the new ones.
func (g *making) replace(ctx context.Context, tx pgx.Tx, old int) error {
	var hasOld bool
	if err := tx.QueryRow(ctx, hasSchemaSQL, g.Name).Scan(&hasOld); err != nil {
		return err
	}
	if hasOld {
		if _, err := tx.Exec(ctx, "alter schema "+g.Name+" rename to "+g.schema(old)); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(ctx, replaceSQL, g.Name, old, "retired"); err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, "alter schema "+g.schema(g.generation)+" rename to "+g.Name); err != nil {
		return err
	}
	_, err := tx.Exec(ctx, replaceSQL, g.Name, g.generation, "live")
	return err
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
