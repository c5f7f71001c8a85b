package projections_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/command/sale"
	"onsale/eventstore"
	"onsale/migrations/migrationstest"
)

// noon is when every history begins.
var noon = time.Date(2030, 6, 1, 12, 0, 0, 0, time.UTC)

// A world is a database with a log, and the sales that the log adds up to.
type world struct {
	testing.TB
	pool   *pgxpool.Pool
	store  *eventstore.Store
	random *rand.Rand
	now    time.Time
	head   int64
	sales  []*sale.Sale
	claims map[*sale.Sale][]uuid.UUID // every id that was given to one, whether it was made or not
	buyers []uuid.UUID
	waits  []eventstore.StreamAppend // decided, not yet appended
}

func newWorld(t testing.TB, seed uint64) *world {
	t.Helper()
	pool := migrationstest.Pool(t)
	w := &world{
		TB: t, pool: pool, store: eventstore.New(pool), random: rand.New(rand.NewPCG(seed, seed)), now: noon,
		claims: make(map[*sale.Sale][]uuid.UUID),
	}
	for range 12 {
		w.buyers = append(w.buyers, w.id())
	}
	return w
}

// id makes an id that grows with its number, as the ids of commands do.
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
	open := sale.Open{Organizer: w.id(), Title: fmt.Sprintf("Event %d", len(w.sales)), Currency: "EUR", At: w.now}
	if w.random.IntN(2) == 0 {
		open.Description, open.Venue, open.StartsAt = "What happens", "Somewhere", w.now.Add(100*time.Hour)
		open.TimeZone = "Europe/Berlin"
	}
	for i, capacity := range capacities {
		open.Sections = append(open.Sections, sale.OpenSection{
			ID: w.id(), Name: fmt.Sprintf("Section %d", i+1), Price: w.random.Int64N(10_000), Capacity: capacity,
			OnSale: capacity - capacity/10,
		})
	}
	if err := w.do(s, open); err != nil {
		w.Fatal(err)
	}
	return s
}

// do decides a command and keeps what it causes for the next append.
func (w *world) do(s *sale.Sale, c sale.Command) error {
	w.Helper()
	events, err := sale.Decide(s, c)
	if len(events) > 0 {
		w.add(s, events...)
	}
	return err
}

// add lets the events happen to the sale, as one command, and keeps them for the next append.
func (w *world) add(s *sale.Sale, events ...sale.Event) {
	w.Helper()
	i := slices.IndexFunc(w.waits, func(a eventstore.StreamAppend) bool { return a.Stream == s.ID })
	if i < 0 {
		i = len(w.waits)
		w.waits = append(w.waits, eventstore.StreamAppend{Stream: s.ID, Expected: s.Version})
	}
	metadata := eventstore.Metadata{CommandID: w.id(), UserID: w.id(), CorrelationID: "request-" + fmt.Sprint(len(w.waits))}
	for _, e := range events {
		data, err := sale.Encode(e)
		if err != nil {
			w.Fatal(err)
		}
		w.waits[i].Events = append(w.waits[i].Events, eventstore.EventData{
			Type: e.EventType(), Schema: sale.EventSchema, Data: data, Metadata: metadata,
		})
		s.Evolve(e)
	}
}

// append writes what was kept to the log, in one append.
func (w *world) append() {
	w.Helper()
	appended, err := w.store.Append(w.Context(), w.waits)
	if err != nil || len(appended.Conflicts) > 0 {
		w.Fatal(appended.Conflicts, err)
	}
	w.waits = nil
	for _, e := range appended.Recorded {
		w.head = e.Position
	}
}

// run gives that many random commands, and appends what they cause, some at a time.
func (w *world) run(commands int) {
	w.Helper()
	for range commands {
		w.now = w.now.Add(time.Duration(w.random.IntN(60_000)) * time.Millisecond)
		if len(w.sales) == 0 || w.random.IntN(50) == 0 {
			w.open(slices.Repeat([]int{20}, 1+w.random.IntN(3))...)
			continue
		}
		s := w.sales[w.random.IntN(len(w.sales))]
		_ = w.do(s, w.command(s)) // refusals are a part of life
		if w.random.IntN(5) == 0 && len(w.waits) > 0 {
			w.append()
		}
	}
	if len(w.waits) > 0 {
		w.append()
	}
}

func (w *world) command(s *sale.Sale) sale.Command {
	buyer := w.buyers[w.random.IntN(len(w.buyers))]
	claim := w.id()
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
		Section: s.Sections[w.random.IntN(len(s.Sections))].ID,
	}
	w.claims[s] = append(w.claims[s], o.ID)
	return o
}

// sql runs a statement for which there is no other way in.
func (w *world) sql(statement string, args ...any) {
	w.Helper()
	if _, err := w.pool.Exec(w.Context(), statement, args...); err != nil {
		w.Fatalf("%s: %v", statement, err)
	}
}

// checkpoint is where a projection is, as the database has it.
func (w *world) checkpoint(name string) (position int64) {
	w.Helper()
	err := w.pool.QueryRow(w.Context(), "select position from projections where name = $1", name).Scan(&position)
	if err != nil {
		w.Fatal(err)
	}
	return position
}

// soon bounds waiting for what will happen.
func soon(t testing.TB) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}
