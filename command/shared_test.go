package command_test

import (
	"context"
	"iter"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/migrations/migrationstest"
)

// Two nodes that take turns: only the first time does one decide on what is over.
func TestASaleThatOthersSellTooIsLookedUpBeforeItIsDecided(t *testing.T) {
	t.Parallel()
	pool := migrationstest.Pool(t)
	counted := &countingStore{Store: eventstore.New(pool)}
	ours := newWriter(t, counted, command.WriterOptions{Loops: 1})
	theirs := newWriter(t, eventstore.New(pool), command.WriterOptions{Loops: 1})
	event := opened(t, ours, 100)
	turn := func(w *command.Writer) {
		t.Helper()
		if _, err := book(w, event); err != nil {
			t.Fatal(err)
		}
	}
	turn(ours)
	for n := range 5 {
		turn(theirs)
		before := counted.appends
		turn(ours)
		want := 1
		if n == 0 {
			want = 2 // the first one conflicts
		}
		if appends := counted.appends - before; appends != want {
			t.Errorf("turn %d: %d appends, want %d", n, appends, want)
		}
	}
	loads := 0
	for n := range 20 {
		before := counted.loads
		turn(ours)
		if counted.loads > before {
			loads = n + 1
		}
	}
	if loads == 0 || loads == 20 {
		t.Errorf("alone again, the sale is looked up %d times of 20", loads)
	}
}

// What others appended was read and decoded to decide on. Who follows the log gets it from there too.
func TestWhatOthersAppendedIsReadOnce(t *testing.T) {
	t.Parallel()
	pool := migrationstest.Pool(t)
	store := eventstore.New(pool)
	ours := newWriter(t, store, command.WriterOptions{Loops: 1})
	theirs := newWriter(t, eventstore.New(pool), command.WriterOptions{Loops: 1})
	event := opened(t, ours, 100)
	opening := ours.Position()
	for range 3 {
		for _, w := range []*command.Writer{theirs, ours} {
			if _, err := book(w, event); err != nil {
				t.Fatal(err)
			}
		}
	}
	page, known := store.Recent(opening, 100)
	if !known || len(page.Events) != 6 {
		t.Fatalf("%d events are at hand, %t; want all 6", len(page.Events), known)
	}
	want, err := store.ReadAfter(t.Context(), opening, 100)
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range page.Events {
		decoded, err := sale.Decode(want.Events[i].Type, want.Events[i].Schema, want.Events[i].Data)
		if e.Position != want.Events[i].Position || e.Metadata != want.Events[i].Metadata || !cmp.Equal(e.Value, any(decoded)) || err != nil {
			t.Errorf("event %d is %d with %v; the log says %d with %v, %v", i+1, e.Position, e.Value, want.Events[i].Position, decoded, err)
		}
	}
}

// A sale's news are read, and then the log is put back, which those who follow it notice before the news are handed on to them.
func TestWhatWasReadOfALogThatIsNoMoreIsNotHandedOn(t *testing.T) {
	t.Parallel()
	pool := migrationstest.Pool(t)
	log := eventstore.New(pool)
	store := &forgetful{Store: log}
	ours := newWriter(t, store, command.WriterOptions{Loops: 1})
	theirs := newWriter(t, eventstore.New(pool), command.WriterOptions{Loops: 1})
	event := opened(t, ours, 100)
	for _, w := range []*command.Writer{theirs, ours, theirs} {
		if _, err := book(w, event); err != nil {
			t.Fatal(err)
		}
	}
	before := ours.Position()
	store.forget = log.Forget
	if _, err := book(ours, event); err != nil {
		t.Fatal(err)
	}
	if page, known := log.Recent(before, 1); known || len(page.Events) > 0 {
		t.Errorf("%d events that were read before all was forgotten are at hand, %t", len(page.Events), known)
	}
	if page, known := log.Recent(before+1, 1); !known || len(page.Events) != 1 {
		t.Errorf("%d events that were appended since are at hand, %t; want 1", len(page.Events), known)
	}
}

// A forgetful store forgets between the end of a load and what is made of it.
type forgetful struct {
	command.Store
	forget func()
}

func (s *forgetful) Load(ctx context.Context, stream uuid.UUID, after int64) iter.Seq2[eventstore.RecordedEvent, error] {
	return func(yield func(eventstore.RecordedEvent, error) bool) {
		for e, err := range s.Store.Load(ctx, stream, after) {
			if !yield(e, err) {
				return
			}
		}
		if s.forget != nil {
			s.forget()
		}
	}
}
