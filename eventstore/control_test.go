package eventstore_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	"onsale/eventstore"
	"onsale/eventstore/eventstoretest"
)

// These are the negative controls: with a promise broken on purpose, the check of that promise must notice.

func TestOrderedVisibilityNoticesALogWithoutTheLane(t *testing.T) {
	t.Parallel()
	db := open(t)
	takeAwayTheLane(t, db)
	if err := eventstoretest.OrderedVisibility(t.Context(), db.Log); err == nil {
		t.Error("it noticed nothing")
	} else {
		t.Log(err)
	}
}

// It is what the lane is for: a reader of sequence numbers passes over what commits late.
func TestWithoutTheLaneAnEventArrivesBelowOneThatWasSeen(t *testing.T) {
	t.Parallel()
	db := open(t)
	takeAwayTheLane(t, db)
	seen := func() (positions []int64) {
		rows, _ := db.pool.Query(t.Context(), "select position from events order by position")
		positions, err := pgx.CollectRows(rows, pgx.RowTo[int64])
		if err != nil {
			t.Fatal(err)
		}
		return positions
	}
	late, err := db.pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer late.Rollback(context.Background())
	if _, err := eventstore.AppendOn(t.Context(), late.Conn(), []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 1)}); err != nil {
		t.Fatal(err)
	}
	if _, err := db.Append(t.Context(), []eventstore.StreamAppend{eventstoretest.NewAppend(uuid.New(), 0, 1)}); err != nil {
		t.Fatal(err)
	}
	if got := seen(); len(got) != 1 || got[0] != 2 {
		t.Errorf("before the late commit: %v; want [2]", got)
	}
	if page, err := db.ReadAfter(t.Context(), 0, 10); err == nil {
		t.Errorf("the store read across the gap: %v", page)
	}
	if err := late.Commit(t.Context()); err != nil {
		t.Fatal(err)
	}
	if got := seen(); len(got) != 2 {
		t.Errorf("after the late commit: %v; want [1 2]", got)
	}
}

func TestOneWinnerNoticesALogThatIgnoresTheExpectedVersion(t *testing.T) {
	t.Parallel()
	db := open(t)
	ignoreExpectedVersions(t, db)
	err := eventstoretest.OneWinner(t.Context(), db.Log)
	if err == nil || !strings.Contains(err.Error(), "winners") {
		t.Errorf("%v; want several winners", err)
	}
}

func TestNothingLostNotices(t *testing.T) {
	t.Parallel()
	const unlimited = eventstoretest.Unlimited
	random := rand.New(rand.NewPCG(3, 4))
	requests := func() (toServer, toClient int) { return 1500 + random.IntN(3000), unlimited }
	replies := func() (toServer, toClient int) { return unlimited, 1000 + random.IntN(1000) }
	for name, test := range map[string]struct {
		cut   func() (toServer, toClient int)
		log   func(*testing.T, database)
		store func(eventstoretest.Store) eventstoretest.Store
		want  string
	}{
		"a store that calls an unknown outcome a failure": {
			cut: replies,
			store: func(s eventstoretest.Store) eventstoretest.Store {
				return liar{s, func() (eventstore.Appended, error) { return eventstore.Appended{}, errors.New("failed") }}
			},
			want: "although it failed",
		},
		"a store that calls an unknown outcome a success": {
			cut: requests,
			store: func(s eventstoretest.Store) eventstoretest.Store {
				return liar{s, func() (eventstore.Appended, error) { return eventstore.Appended{}, nil }}
			},
			want: "is lost",
		},
		"a log that takes a command twice": {
			cut: replies,
			log: func(t *testing.T, db database) {
				ignoreExpectedVersions(t, db)
				if _, err := db.pool.Exec(t.Context(), "alter table events drop constraint events_command_key"); err != nil {
					t.Fatal(err)
				}
			},
			want: "events in the log; want",
		},
		"that nothing was put to the test": {
			cut:  func() (toServer, toClient int) { return unlimited, unlimited },
			want: "no outcome was unknown",
		},
	} {
		t.Run(name, func(t *testing.T) {
			db := open(t)
			if test.log != nil {
				test.log(t, db)
			}
			line := eventstoretest.NewLine(t)
			line.Limit(test.cut)
			store := db.Through(t, line)
			if test.store != nil {
				store = test.store(store)
			}
			err := eventstoretest.NothingLost(t.Context(), db.Log, line.Settle, store)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v; want %q", err, test.want)
			}
		})
	}
}

// A liar tells something else when an outcome is unknown.
type liar struct {
	eventstoretest.Store
	instead func() (eventstore.Appended, error)
}

func (l liar) Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
	appended, err := l.Store.Append(ctx, appends)
	if errors.Is(err, eventstore.ErrUnknownOutcome) {
		return l.instead()
	}
	return appended, err
}

// takeAwayTheLane lets appends go side by side and take their positions from a sequence, as a log without much thought has them.
func takeAwayTheLane(t *testing.T, db database) {
	t.Helper()
	if _, err := db.pool.Exec(t.Context(), "create sequence positions"); err != nil {
		t.Fatal(err)
	}
	editAppendEvents(t, db,
		"perform pg_advisory_xact_lock(7311142570156650085)", "null",
		"first_position - 1 + row_number() over (order by e.ordinality)", "nextval('positions')")
}

// ignoreExpectedVersions lets events follow whatever is there. It does for appends of one event to each stream.
func ignoreExpectedVersions(t *testing.T, db database) {
	t.Helper()
	editAppendEvents(t, db,
		"where s.version <> s.expected", "where false",
		"e.stream, e.version, e.type",
		"e.stream, (select coalesce(max(x.version), 0) from events x where x.stream = e.stream) + e.ordinality, e.type")
}

// editAppendEvents replaces pairs of texts in the function append_events of this database.
func editAppendEvents(t *testing.T, db database, pairs ...string) {
	t.Helper()
	var function string
	err := db.pool.QueryRow(t.Context(), "select pg_get_functiondef('append_events'::regproc)").Scan(&function)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(pairs); i += 2 {
		if strings.Count(function, pairs[i]) != 1 {
			t.Fatalf("append_events has not %q once:\n%s", pairs[i], function)
		}
	}
	if _, err := db.pool.Exec(t.Context(), strings.NewReplacer(pairs...).Replace(function)); err != nil {
		t.Fatal(err)
	}
}
