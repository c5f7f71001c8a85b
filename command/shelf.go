package command

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"github.com/google/uuid"
	"github.com/hashicorp/golang-lru/v2/simplelru"

	"onsale/command/sale"
	"onsale/eventstore"
)

// StreamReader is what it takes to bring a sale into memory; see [eventstore.Store].
type StreamReader interface {
	Load(ctx context.Context, stream uuid.UUID, after int64) iter.Seq2[eventstore.RecordedEvent, error]
	LoadSnapshot(ctx context.Context, stream uuid.UUID) (eventstore.Snapshot, bool, error)
	Learning() (learn func(events []eventstore.RecordedEvent))
}

// A shelf keeps the sales used last in memory. Each is the sale as it was at some version, which may be over: only an
// append can tell.
type shelf struct {
	store StreamReader
	sales *simplelru.LRU[uuid.UUID, *shelved]
}

// A shelved sale is one on a shelf.
type shelved struct {
	sale     *sale.Sale
	position int64     // where in the log the sale's last event is
	last     uuid.UUID // the command of that event, by which the log is known to be the one the sale was made from
	snapshot int64     // the version of its newest snapshot
	stale    bool      // others have appended: to be caught up before the next use
	shared   int       // others append too: for so many more uses it is caught up before
}

// undisturbedUses is how many times nothing new must be found of a sale until it is believed that no other node sells it any more.
const undisturbedUses = 8

// learntAtOnce is how much that others appended is handed on to who follows the log. Who is further behind reads for himself, in pages.
const learntAtOnce = 2000

func newShelf(store StreamReader, size int) *shelf {
	sales, err := simplelru.NewLRU[uuid.UUID, *shelved](size, nil)
	if err != nil {
		panic(err) // only for a size that is not positive
	}
	return &shelf{store: store, sales: sales}
}

// get returns the sale of a stream, brought up to date if it is known to be behind, or likely to: to decide on what is over costs
// an append that conflicts. A sale that does not exist is not
// kept, so that guessed ids cannot push out the sales in use.
func (s *shelf) get(ctx context.Context, stream uuid.UUID) (*shelved, error) {
	held, found := s.sales.Get(stream)
	if found && !held.stale && held.shared == 0 {
		return held, nil
	}
	if !found {
		held = s.fromSnapshot(ctx, stream)
	}
	var news []eventstore.RecordedEvent
	learn, learning := s.store.Learning(), found // else the projections went by it long ago
	err := held.catchUp(ctx, s.store, func(e eventstore.RecordedEvent) {
		if learning = learning && len(news) < learntAtOnce; learning {
			news = append(news, e)
		}
	})
	if err == nil && learning && len(news) > 0 {
		learn(news)
	} else if held.shared > 0 && len(news) == 0 {
		held.shared--
	}
	if errors.Is(err, errAnotherLog) {
		s.sales.Remove(stream)
		held = &shelved{sale: &sale.Sale{ID: stream}}
		err = held.catchUp(ctx, s.store, func(eventstore.RecordedEvent) {})
	}
	held.stale = err != nil // what was read is kept: the next try goes on from there
	s.keep(held)
	if err != nil {
		return nil, err
	}
	return held, nil
}

// keep puts the sale on the shelf, if there is such a sale.
func (s *shelf) keep(held *shelved) {
	if held.sale.Exists() {
		s.sales.Add(held.sale.ID, held)
	}
}

// fromSnapshot begins with the newest snapshot. One that is missing or unreadable only costs time.
func (s *shelf) fromSnapshot(ctx context.Context, stream uuid.UUID) *shelved {
	if snapshot, ok, err := s.store.LoadSnapshot(ctx, stream); err == nil && ok && snapshot.Schema == sale.SnapshotSchema {
		if restored, err := sale.Restore(snapshot.State); err == nil && restored.Version == snapshot.Version {
			return &shelved{sale: restored, position: snapshot.Position, last: snapshot.Last, snapshot: snapshot.Version}
		}
	}
	return &shelved{sale: &sale.Sale{ID: stream}}
}

// errAnotherLog says that the log does not have the event that a sale ends with: its snapshot is wrong, or the log was
// restored to an older state, and may have gone on differently since.
var errAnotherLog = errors.New("the log has not the sale's last event")

// catchUp makes sure that the log has the sale's last event, and evolves the sale with what is beyond that. When it fails
// halfway the sale is what it was at some version. It tells of each event that it evolved by, with its value.
func (h *shelved) catchUp(ctx context.Context, store StreamReader, tell func(eventstore.RecordedEvent)) error {
	found := h.sale.Version == 0
	for recorded, err := range store.Load(ctx, h.sale.ID, max(h.sale.Version-1, 0)) {
		switch {
		case err != nil:
			return err
		case !found && recorded.Version == h.sale.Version && recorded.Metadata.CommandID == h.last:
			found = true
			continue
		case !found:
			return errAnotherLog
		case recorded.Version != h.sale.Version+1:
			return fmt.Errorf("stream %s: version %d follows %d", h.sale.ID, recorded.Version, h.sale.Version)
		}
		event, err := sale.Decode(recorded.Type, recorded.Schema, recorded.Data)
		if err != nil {
			return fmt.Errorf("stream %s at %d: %w", h.sale.ID, recorded.Version, err)
		}
		h.sale.Evolve(event)
		h.position, h.last = recorded.Position, recorded.Metadata.CommandID
		recorded.Value = event
		tell(recorded)
	}
	if !found {
		return errAnotherLog
	}
	h.stale = false
	return nil
}

// snapshot saves the sale when enough has happened since the last time: the more events a sale has, the rarer, so that all
// its snapshots together cost no more than a few times the last one.
func (w *Writer) snapshot(h *shelved) {
	if h.sale.Version-h.snapshot < max(w.options.SnapshotEvery, h.sale.Version/3) || !w.saving.CompareAndSwap(false, true) {
		return
	}
	save := w.snapshotOf(h)
	w.snapshots.Go(func() {
		defer w.saving.Store(false)
		ctx, cancel := context.WithTimeout(context.Background(), w.options.AppendTimeout)
		defer cancel()
		save(ctx)
	})
}

// leave saves the sales in memory whose snapshots are old, so that whoever sells on has little to read. It is for the end: nothing
// may be decided any more. What is not saved within the timeout is read from the log.
func (w *Writer) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), w.options.AppendTimeout)
	defer cancel()
	for _, l := range w.loops {
		for _, h := range l.shelf.sales.Values() {
			if ctx.Err() == nil && !h.stale && h.sale.Version-h.snapshot >= w.options.SnapshotEvery {
				w.snapshotOf(h)(ctx)
			}
		}
	}
}

// snapshotOf returns what saves the sale as it is now; the sale may go on meanwhile.
func (w *Writer) snapshotOf(h *shelved) (save func(context.Context)) {
	h.snapshot = h.sale.Version
	snapshot := eventstore.Snapshot{
		Stream: h.sale.ID, Version: h.sale.Version, Position: h.position, Last: h.last, Schema: sale.SnapshotSchema,
	}
	encode := h.sale.Snapshot()
	return func(ctx context.Context) {
		var err error
		if snapshot.State, err = encode(); err == nil {
			err = w.store.SaveSnapshot(ctx, snapshot)
		}
		if err != nil {
			w.options.Log.Warn("saving a snapshot failed", "stream", snapshot.Stream, "error", err)
		}
	}
}
