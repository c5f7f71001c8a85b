package command_test

import (
	"testing"

	"onsale/command"
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
