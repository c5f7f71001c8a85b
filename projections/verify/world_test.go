package verify_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/migrations/migrationstest"
	"onsale/projections"
	"onsale/projections/verify"
)

// noon is when every history begins.
var noon = time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)

// A world is a database with a log, and the sales that the log adds up to.
type world struct {
	testing.TB
	url    string
	pool   *pgxpool.Pool
	store  *eventstore.Store
	random *rand.Rand
	now    time.Time
	head   int64
	sales  []*sale.Sale
	claims map[*sale.Sale][]uuid.UUID
	buyers []uuid.UUID
}

func newWorld(t testing.TB, seed uint64) *world {
	t.Helper()
	url := migrationstest.Database(t)
	pool, err := pgxpool.New(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	w := &world{
		TB: t, url: url, pool: pool, store: eventstore.New(pool), random: rand.New(rand.NewPCG(seed, seed)), now: noon,
		claims: make(map[*sale.Sale][]uuid.UUID),
	}
	for range 12 {
		w.buyers = append(w.buyers, w.id())
	}
	w.prepare()
	return w
}

func (w *world) prepare() {
	w.Helper()
	conn, err := w.pool.Acquire(w.Context())
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Release()
	if err := projections.Prepare(w.Context(), conn.Conn(), projections.All()...); err != nil {
		w.Fatal(err)
	}
}

func (w *world) id() uuid.UUID {
	var id uuid.UUID
	for i := range id {
		id[i] = byte(w.random.Uint32())
	}
	millis := uint64(w.now.UnixMilli())
	for i := range 6 {
		id[i] = byte(millis >> (40 - 8*i))
	}
	id[6], id[8] = id[6]&0x0f|0x70, id[8]&0x3f|0x80
	return id
}

// open puts a sale with as many sections as there are capacities on sale.
func (w *world) open(capacities ...int) *sale.Sale {
	w.Helper()
	s := &sale.Sale{ID: w.id()}
	w.sales = append(w.sales, s)
	open := sale.Open{Organizer: w.id(), Title: "Event", Currency: "EUR", At: w.now}
	if w.random.IntN(2) == 0 {
		open.Description, open.Venue, open.StartsAt = "What happens", "Somewhere", w.now.Add(3*time.Hour)
		open.TimeZone = "Europe/Berlin"
	}
	for i, capacity := range capacities {
		open.Sections = append(open.Sections, sale.OpenSection{
			ID: w.id(), Name: "Section " + string(rune('A'+i)), Price: 100 + w.random.Int64N(10_000), Capacity: capacity,
			OnSale: capacity - capacity/10,
		})
	}
	w.do(s, open)
	return s
}

// do decides a command and appends what it causes; a refusal causes nothing.
func (w *world) do(s *sale.Sale, c sale.Command) {
	w.Helper()
	if events, _ := sale.Decide(s, c); len(events) > 0 {
		w.add(s, events...)
	}
}

// add appends events as one command, whatever they are.
func (w *world) add(s *sale.Sale, events ...sale.Event) {
	w.Helper()
	metadata := eventstore.Metadata{CommandID: w.id(), UserID: w.id()}
	a := eventstore.StreamAppend{Stream: s.ID, Expected: s.Version}
	for _, e := range events {
		data, err := sale.Encode(e)
		if err != nil {
			w.Fatal(err)
		}
		a.Events = append(a.Events, eventstore.EventData{Type: e.EventType(), Schema: sale.EventSchema, Data: data, Metadata: metadata})
		s.Evolve(e)
	}
	appended, err := w.store.Append(w.Context(), []eventstore.StreamAppend{a})
	if err != nil || len(appended.Conflicts) > 0 {
		w.Fatal(appended.Conflicts, err)
	}
	w.head = appended.Recorded[len(appended.Recorded)-1].Position
}

// run gives that many random commands.
func (w *world) run(commands int) {
	w.Helper()
	for range commands {
		w.now = w.now.Add(time.Duration(w.random.IntN(60_000)) * time.Millisecond)
		if len(w.sales) == 0 || w.random.IntN(50) == 0 {
			w.open(slices.Repeat([]int{20}, 1+w.random.IntN(3))...)
			continue
		}
		s := w.sales[w.random.IntN(len(w.sales))]
		w.do(s, w.command(s))
	}
}

func (w *world) command(s *sale.Sale) sale.Command {
	buyer, claim := w.buyers[w.random.IntN(len(w.buyers))], w.id()
	if ids := w.claims[s]; len(ids) > 0 {
		claim = ids[len(ids)-1-w.random.IntN(min(len(ids), 15))]
	}
	if c, ok := s.Claim(claim); ok {
		buyer = c.Buyer
	}
	switch w.random.IntN(12) {
	case 0, 1, 2:
		return sale.Book{Order: w.order(s)}
	case 3, 4, 5:
		return sale.Hold{Order: w.order(s), ExpiresAt: w.now.Add(20 * time.Minute), Paying: w.random.IntN(2) == 0}
	case 6:
		return sale.StartPayment{Hold: claim, Buyer: buyer, At: w.now, ExpiresAt: w.now.Add(10 * time.Minute)}
	case 7:
		return sale.FailPayment{Hold: claim, Buyer: buyer, At: w.now}
	case 8:
		return sale.Confirm{Hold: claim, Buyer: buyer, At: w.now}
	case 9:
		return sale.Release{Hold: claim, Buyer: buyer, At: w.now}
	case 10:
		return sale.Cancel{Booking: claim, User: buyer, At: w.now}
	default:
		return sale.ExpireHolds{At: w.now, Limit: 3}
	}
}

func (w *world) order(s *sale.Sale) sale.Order {
	o := sale.Order{
		ID: w.id(), Buyer: w.buyers[w.random.IntN(len(w.buyers))], At: w.now, Quantity: 1 + w.random.IntN(4),
		Section: s.Sections[w.random.IntN(len(s.Sections))].ID, Idempotency: sale.Idempotency{Key: w.id().String(), Fingerprint: "x"},
	}
	w.claims[s] = append(w.claims[s], o.ID)
	return o
}

// snapshot keeps the sale as it is.
func (w *world) snapshot(s *sale.Sale) {
	w.Helper()
	state, err := s.Snapshot()()
	if err != nil {
		w.Fatal(err)
	}
	var position int64
	w.row("select max(position) from events where stream = $1", []any{s.ID}, &position)
	if err := w.store.SaveSnapshot(w.Context(), eventstore.Snapshot{
		Stream: s.ID, Version: s.Version, Position: position, Schema: sale.SnapshotSchema, State: state,
	}); err != nil {
		w.Fatal(err)
	}
}

// apply brings the tables to the head of the log.
func (w *world) apply() {
	w.Helper()
	runner := projections.NewRunner(w.pool, w.store, projections.Options{Log: slog.New(slog.DiscardHandler)}, projections.All()...)
	ctx, stop := context.WithCancel(w.Context())
	ended := make(chan error, 1)
	go func() { ended <- runner.Run(ctx) }()
	soon, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	failed := runner.CatchUp(soon, w.head)
	stop()
	if err := <-ended; err != nil || failed != nil {
		w.Fatal(err, failed)
	}
}

// sql runs a statement as a person at the database would, and wants it to change something.
func (w *world) sql(statement string, args ...any) {
	w.Helper()
	done, err := w.pool.Exec(w.Context(), statement, args...)
	if err != nil {
		w.Fatalf("%s: %v", statement, err)
	}
	if (done.Update() || done.Delete() || done.Insert()) && done.RowsAffected() == 0 {
		w.Fatalf("%s: changed nothing", statement)
	}
}

func (w *world) row(query string, args []any, into ...any) {
	w.Helper()
	if err := w.pool.QueryRow(w.Context(), query, args...).Scan(into...); err != nil {
		w.Fatalf("%s: %v", query, err)
	}
}

func (w *world) verify() verify.Report {
	w.Helper()
	report, err := verify.Verify(w.Context(), w.url, verify.Options{})
	if err != nil {
		w.Fatal(err)
	}
	return report
}

func (w *world) wantClean() verify.Report {
	w.Helper()
	report := w.verify()
	if !report.Clean() || report.Warnings > 0 {
		w.Fatalf("not clean:\n%s", inWords(report))
	}
	return report
}

// wantBroken wants each of the named rules broken, and others only if they are named with a question mark.
func (w *world) wantBroken(names ...string) verify.Report {
	w.Helper()
	report := w.verify()
	for _, c := range report.Checks {
		wanted := slices.Contains(names, c.Name)
		if broken := c.Broken > 0; broken != wanted && (!broken || !slices.Contains(names, c.Name+"?")) {
			w.Errorf("rule %q broken %d times; want broken: %v", c.Name, c.Broken, wanted)
		}
	}
	if w.Failed() {
		w.Logf("the report:\n%s", inWords(report))
	}
	return report
}

func inWords(r verify.Report) string {
	var b strings.Builder
	for _, c := range r.Checks {
		if c.Broken > 0 {
			text, _ := json.MarshalIndent(c, "", "  ")
			b.Write(text)
		}
	}
	return b.String()
}
