package projections_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onsale/eventstore"
	"onsale/projections"
)

const versionsSQL = "select id, version from listings.events"

// watch reads the listings over one connection, with a prepared statement, until ctx ends. It returns how often it did, and
// what was wrong with what it saw: an error, an event that was gone, a version that went back.
func (w *world) watch(ctx context.Context) (polls int, err error) {
	conn, err := pgx.ConnectConfig(context.Background(), w.pool.Config().ConnConfig)
	if err != nil {
		return 0, err
	}
	defer conn.Close(context.Background())
	seen := make(map[uuid.UUID]int64)
	for ; ctx.Err() == nil; polls++ {
		rows, _ := conn.Query(context.Background(), versionsSQL)
		now := make(map[uuid.UUID]int64)
		var id uuid.UUID
		var version int64
		if _, err := pgx.ForEachRow(rows, []any{&id, &version}, func() error { now[id] = version; return nil }); err != nil {
			return polls, err
		}
		for id, version := range seen {
			if now[id] < version {
				return polls, fmt.Errorf("%s was at version %d and is at %d", id, version, now[id])
			}
		}
		seen = now
	}
	return polls, nil
}

func TestRebuildBesideAStorm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 70)
	w.run(200)
	var nodes []*running
	for range 2 {
		nodes = append(nodes, w.node(projections.Options{}, projections.All()...))
	}
	for _, n := range nodes {
		n.catchUp(t, w.head)
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var beside sync.WaitGroup
	for range 2 {
		beside.Go(func() {
			if polls, err := w.watch(ctx); err != nil || polls < 10 {
				t.Errorf("a reader saw after %d polls: %v", polls, err)
			}
		})
	}
	rebuilds := 0
	finished := make(chan struct{})
	beside.Go(func() {
		defer close(finished)
		store := eventstore.New(w.pool)
		for rebuilds = range 6 {
			o := projections.RebuildOptions{PageSize: 50, Keep: rebuilds%3 == 2}
			if err := projections.Rebuild(t.Context(), w.pool, store, o, projections.All()...); err != nil {
				t.Error(err)
			}
		}
	})
	for storming := true; storming; {
		select {
		case <-finished:
			storming = false
		default:
		}
		w.run(15)
		for _, n := range nodes {
			n.catchUp(t, w.head)
		}
	}
	stop()
	beside.Wait()
	w.wantTables()
	for _, n := range nodes {
		n.log.none(t, "level=ERROR")
	}
}

func TestAReaderNoticesTablesThatAreMadeAnewInPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 71)
	w.run(200)
	r := w.start(projections.Options{PageSize: 5}, projections.All()...)
	r.catchUp(t, w.head)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	w.sql("create table listings.log as table listings.events")
	ended := make(chan error, 1)
	go func() {
		_, err := w.watch(ctx)
		ended <- err
	}()
	for again := true; again; {
		w.sql("truncate listings.events")
		w.sql("insert into listings.events table listings.log")
		select {
		case err := <-ended:
			if err == nil {
				t.Error("it saw nothing wrong")
			}
			again = false
		default:
		}
	}
}
