package eventstore_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/uuid"

	"onsale/eventstore"
	"onsale/eventstore/eventstoretest"
	"onsale/migrations/migrationstest"
)

func TestRecent(t *testing.T) {
	t.Parallel()
	type run struct{ first, last int64 }
	for name, test := range map[string]struct {
		appended []run
		position int64
		limit    int
		want     []int64
		known    bool
	}{
		"nothing was appended":                                {nil, 0, 10, nil, false},
		"what follows the position":                           {[]run{{1, 3}}, 1, 10, []int64{2, 3}, true},
		"at the end nothing was appended since":               {[]run{{1, 3}}, 3, 10, nil, true},
		"beyond the end others may have appended":             {[]run{{1, 3}}, 4, 10, nil, false},
		"what others appended before is not known":            {[]run{{4, 6}}, 2, 10, nil, false},
		"appends that follow each other are one page":         {[]run{{1, 2}, {3, 4}}, 1, 10, []int64{2, 3, 4}, true},
		"whichever was told first":                            {[]run{{3, 4}, {1, 2}}, 1, 10, []int64{2, 3, 4}, true},
		"a page ends where others appended":                   {[]run{{1, 2}, {4, 5}}, 0, 10, []int64{1, 2}, true},
		"and goes on after that":                              {[]run{{1, 2}, {4, 5}}, 3, 10, []int64{4, 5}, true},
		"and at the limit":                                    {[]run{{1, 2}, {3, 4}}, 0, 3, []int64{1, 2, 3}, true},
		"a log that went back takes all that was known along": {[]run{{1, 2}, {3, 9}, {3, 4}}, 0, 10, nil, false},
		"and what is appended since is known":                 {[]run{{1, 2}, {3, 9}, {3, 4}}, 2, 10, []int64{3, 4}, true},
		"the newest are kept":                                 {[]run{{1, 6000}, {6001, 12000}}, 11998, 10, []int64{11999, 12000}, true},
		"and the oldest are not":                              {[]run{{1, 6000}, {6001, 12000}}, 5998, 10, nil, false},
		"of a single append all are":                          {[]run{{1, 12000}}, 0, 1, []int64{1}, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tail eventstore.Tail
			for _, r := range test.appended {
				var events []eventstore.RecordedEvent
				for position := r.first; position <= r.last; position++ {
					events = append(events, eventstore.RecordedEvent{Position: position})
				}
				tail.Add(events)
			}
			var positions []int64
			page, known := tail.After(test.position, test.limit)
			for _, e := range page.Events {
				positions = append(positions, e.Position)
			}
			if page.After != test.position || known != test.known || !slices.Equal(positions, test.want) {
				t.Errorf("after %d: %v, %t; want after %d: %v, %t", page.After, positions, known, test.position, test.want, test.known)
			}
		})
	}
}

func TestLearn(t *testing.T) {
	t.Parallel()
	type positions = []int64
	for name, test := range map[string]struct {
		appended, learnt positions
		position         int64
		want             positions
		known            bool
	}{
		"what others appended closes the gap":           {positions{1, 2, 5}, positions{3, 4}, 0, positions{1, 2, 3, 4, 5}, true},
		"and goes on behind":                            {positions{1, 2}, positions{3, 4}, 1, positions{2, 3, 4}, true},
		"at its end nothing is new":                     {positions{1, 2}, positions{3, 4}, 4, nil, true},
		"but for what nobody told":                      {positions{1, 2}, positions{4, 5}, 0, positions{1, 2}, true},
		"it may be in pieces":                           {positions{2, 4}, positions{1, 3, 5}, 0, positions{1, 2, 3, 4, 5}, true},
		"what is known already changes nothing":         {positions{1, 2, 3}, positions{2, 3}, 0, positions{1, 2, 3}, true},
		"nor does what is known in part":                {positions{1, 2, 3}, positions{3, 4}, 0, positions{1, 2, 3}, true},
		"what is older than all that is known is known": {positions{3}, positions{1}, 0, positions{1}, true},
		"nothing is nothing":                            {nil, nil, 0, nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var tail eventstore.Tail
			events := func(at positions) (all []eventstore.RecordedEvent) {
				for _, position := range at {
					all = append(all, eventstore.RecordedEvent{Position: position})
				}
				return all
			}
			for _, e := range events(test.appended) {
				tail.Add([]eventstore.RecordedEvent{e})
			}
			tail.Learn(events(test.learnt))
			page, known := tail.After(test.position, 10)
			var got positions
			for _, e := range page.Events {
				got = append(got, e.Position)
			}
			if !slices.Equal(got, test.want) || known != test.known {
				t.Errorf("after %d: %v, %t; want %v, %t", test.position, got, known, test.want, test.known)
			}
		})
	}
}

func TestAPageThatWasTakenStaysAsItIsWhileTheLogGoesOn(t *testing.T) {
	t.Parallel()
	at := func(positions ...int64) (events []eventstore.RecordedEvent) {
		for _, position := range positions {
			events = append(events, eventstore.RecordedEvent{Position: position})
		}
		return events
	}
	var tail eventstore.Tail
	tail.Learn(at(1, 2, 3, 5, 6))
	tail.Add(at(4)) // behind 3, not over 5
	var pages []eventstore.Page
	for position := int64(7); position < 5000; position++ {
		tail.Add(at(position))
		page, known := tail.After(position-5, 4)
		if !known || len(page.Events) != 4 {
			t.Fatalf("after %d: %d events are known, %t", position-5, len(page.Events), known)
		}
		pages = append(pages, page)
		_ = append(page.Events, at(0)...) // behind what others have
	}
	for _, page := range pages {
		for i, e := range page.Events {
			if want := page.After + 1 + int64(i); e.Position != want {
				t.Fatalf("%d is where %d was", e.Position, want)
			}
		}
	}
}

func TestAPageOfWhatWasAppendedHereIsNotCopied(t *testing.T) {
	var tail eventstore.Tail
	for position := int64(1); position <= 5000; position++ {
		tail.Add([]eventstore.RecordedEvent{{Position: position}})
	}
	if n := testing.AllocsPerRun(10, func() { tail.After(4200, 800) }); n != 0 {
		t.Errorf("%v allocations; want none", n)
	}
}

func TestWhoFollowsTheLogIsWokenByWhatIsLearnt(t *testing.T) {
	t.Parallel()
	store := eventstore.New(nil)
	told := store.Appended()
	store.Learning()([]eventstore.RecordedEvent{{Position: 1}})
	select {
	case <-told:
	default:
		t.Error("nobody was woken")
	}
}

// The database may have been exchanged between the two.
func TestWhatWasReadBeforeAllWasForgottenIsNotLearntAfterIt(t *testing.T) {
	t.Parallel()
	store := eventstore.New(nil)
	before := store.Learning()
	store.Forget()
	ghosts := []eventstore.RecordedEvent{{Position: 1}, {Position: 2}}
	before(ghosts)
	if page, known := store.Recent(0, 10); known || len(page.Events) > 0 {
		t.Errorf("%d ghosts are known, %t", len(page.Events), known)
	}
	store.Learning()(ghosts[:1])
	before(ghosts[1:])
	if page, known := store.Recent(0, 10); !known || len(page.Events) != 1 {
		t.Errorf("%d events are known, %t; want what was read since", len(page.Events), known)
	}
}

func TestWhatWasBeingAppendedWhenAllWasForgottenIsNotRemembered(t *testing.T) {
	t.Parallel()
	db := open(t)
	store := eventstore.New(connect(t, db.address, 1, victim(nil)))
	ended := make(chan error, 1)
	err := db.Undo(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 1)}, func() {
		go func() {
			_, err := store.Append(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 2)})
			ended <- err
		}()
		db.awaitBlocked(t)
		store.Forget()
	})
	if err := errors.Join(err, <-ended); err != nil {
		t.Fatal(err)
	}
	for position := range int64(3) { // its end as well: who is there is to ask the log
		if page, known := store.Recent(position, 10); known || len(page.Events) > 0 {
			t.Errorf("after %d: %d events are known, %t", position, len(page.Events), known)
		}
	}
}

// What is taken from memory is what the database has, whoever appends in between.
func TestRecentIsWhatTheLogSays(t *testing.T) {
	t.Parallel()
	pool := migrationstest.Pool(t)
	ours, theirs := eventstore.New(pool), eventstore.New(pool)
	var writers sync.WaitGroup
	for i := range 8 {
		store, stream := []*eventstore.Store{ours, ours, theirs}[i%3], uuid.New()
		writers.Go(func() {
			for n := range int64(20) {
				if _, err := store.Append(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(stream, 2*n, 2)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	writers.Wait()
	known := 0
	for position := int64(0); ; position++ {
		want, err := ours.ReadAfter(t.Context(), position, 1)
		if err != nil {
			t.Fatal(err)
		}
		if len(want.Events) == 0 {
			break
		}
		got, _ := ours.Recent(position, 1)
		if len(got.Events) == 0 {
			continue
		}
		known++
		if a, b := told(got.Events[0]), told(want.Events[0]); a != b {
			t.Errorf("%d: %s; the log says %s", position+1, a, b)
		}
	}
	if known != 6*20*2 {
		t.Errorf("%d events are known; want the %d of this store's appends", known, 6*20*2)
	}
	ours.Forget()
	if page, known := ours.Recent(0, 1000); known || len(page.Events) != 0 {
		t.Errorf("%d events are known after all was forgotten", len(page.Events))
	}
}

func told(e eventstore.RecordedEvent) string {
	return fmt.Sprint(e.Position, e.Stream, e.Version, e.RecordedAt.UnixMicro(), e.Type, e.Schema, e.Metadata)
}
