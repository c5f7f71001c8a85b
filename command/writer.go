package command

import (
	"cmp"
	"context"
	"errors"
	"hash/maphash"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/trace"

	"onsale/command/sale"
	"onsale/eventstore"
)

var (
	// ErrOverloaded says that the writer's queue is full. Nothing was done; try again in a moment.
	ErrOverloaded = errors.New("too many commands are waiting")
	// ErrContended says that other nodes were first too often. Nothing was done; try again in a moment.
	ErrContended = errors.New("other writers were first too often")
	// ErrUnavailable says that the log could not be reached or refused the append. Nothing was done.
	ErrUnavailable = errors.New("the log is not available")
	// ErrOutcomeUnknown says that the log could not be asked in time whether the command took place. It did or did not,
	// once; the same command under the same idempotency key will tell.
	ErrOutcomeUnknown = errors.New("the outcome is not known yet")
	// ErrStopped says that the writer has been closed. Nothing was done.
	ErrStopped = errors.New("the writer is closed")
)

// Store is what the writer needs of the log; see [eventstore.Store] for what each promises.
type Store interface {
	StreamReader
	Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error)
	ByCommand(ctx context.Context, commands ...uuid.UUID) ([]eventstore.RecordedEvent, error)
	SaveSnapshot(ctx context.Context, snapshot eventstore.Snapshot) error
}

// WriterOptions tunes a [Writer]. The zero value is right for production.
type WriterOptions struct {
	// Loops is how many groups can be on their way at once; each stream belongs to one loop. 0 means 2.
	Loops int
	// Queue is how many commands may wait in each loop before the next one is refused. 0 means 8,192.
	Queue int
	// Group is the most commands in one append. 0 means 1,024.
	Group int
	// Attempts is how often a command is decided again because another writer was first. 0 means 100.
	Attempts int
	// Sales is how many sales each loop keeps in memory. 0 means 4,096.
	Sales int
	// AppendTimeout bounds one call of the store, after which its outcome is unknown. 0 means 10 s.
	AppendTimeout time.Duration
	// ResolveTimeout bounds how long a caller waits for an unknown outcome to be found out. 0 means 15 s.
	ResolveTimeout time.Duration
	// SnapshotEvery is how many events a sale has at least between two snapshots. 0 means 2,000.
	SnapshotEvery int64
	// Log hears what callers are not told. nil means slog.Default.
	Log *slog.Logger
	// Metrics is where what the writer tells of itself is registered. nil: nowhere.
	Metrics prometheus.Registerer
	// Tracer makes the spans of appends for commands that are part of a trace. nil: there are none.
	Tracer trace.Tracer
}

func (o WriterOptions) withDefaults() WriterOptions {
	o.Loops = cmp.Or(o.Loops, 2)
	o.Queue = cmp.Or(o.Queue, 8192)
	o.Group = cmp.Or(o.Group, 1024)
	o.Attempts = cmp.Or(o.Attempts, 100)
	o.Sales = cmp.Or(o.Sales, 4096)
	o.AppendTimeout = cmp.Or(o.AppendTimeout, 10*time.Second)
	o.ResolveTimeout = cmp.Or(o.ResolveTimeout, 15*time.Second)
	o.SnapshotEvery = cmp.Or(o.SnapshotEvery, 2000)
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// A Writer decides commands and appends what they cause, many at a time: group commit.
//
// Each of its loops takes whatever has arrived while its last append was under way, decides it in order of arrival
// against the sales it has in memory, appends all resulting events of all sales in one statement, and then answers.
// Nobody lingers for company. What it promises:
//
//   - An answer is given after the append it was decided behind is durable. That holds for refusals too, and for
//     commands that changed nothing: the store has confirmed that the sale is where the answer supposes it to be.
//   - Another writer that was first is never the caller's concern, up to [WriterOptions].Attempts: the sale is brought
//     up to date and the command decided again.
//   - An append whose reply was lost is looked up by command id before anything is answered or decided again.
//   - It never makes anybody wait in a growing queue: see [ErrOverloaded].
//
// It does not trust its own memory: the store's expected version judges.
type Writer struct {
	store   Store
	options WriterOptions
	loops   []*loop
	seed    maphash.Seed
	head    atomic.Int64
	metrics *writerMetrics

	stop      context.CancelFunc
	running   sync.WaitGroup
	saving    atomic.Bool // a snapshot is on its way: one at a time
	snapshots sync.WaitGroup
}

// NewWriter starts a writer on the store; Close stops it.
func NewWriter(store Store, options WriterOptions) *Writer {
	ctx, stop := context.WithCancel(context.Background())
	w := &Writer{store: store, options: options.withDefaults(), seed: maphash.MakeSeed(), stop: stop}
	for range w.options.Loops {
		w.loops = append(w.loops, newLoop(w, store))
	}
	w.metrics = newWriterMetrics(w)
	for _, l := range w.loops {
		w.running.Go(func() { l.run(ctx) })
	}
	return w
}

// Close lets the commands that have arrived finish, stops the loops, and saves the sales in memory. It may be called twice.
func (w *Writer) Close() {
	w.stop()
	w.running.Wait()
	w.snapshots.Wait()
	w.leave()
}

// Position is the position in the log up to which this writer has acknowledged something: what its own callers expect
// to read.
func (w *Writer) Position() int64 { return w.head.Load() }

func (w *Writer) acknowledge(position int64) {
	for {
		head := w.head.Load()
		if position <= head || w.head.CompareAndSwap(head, position) {
			return
		}
	}
}

// Recede takes back what was acknowledged beyond the end of the log, which head tells: the log was restored to an older
// state, and nobody will ever read that again. What is acknowledged meanwhile stays.
func (w *Writer) Recede(head func() (int64, error)) error {
	before := w.Position()
	end, err := head()
	if err != nil || end >= before || !w.head.CompareAndSwap(before, 0) {
		return err
	}
	again, err := head() // it has what was acknowledged below before since the first look
	w.acknowledge(max(end, again))
	return err
}

// An Outcome is what a command led to.
type Outcome struct {
	// Position is where in the log the sale is with everything the outcome tells of.
	Position int64
	// Claim is the hold or booking the command was about, after the command; zero when there is none.
	Claim sale.Claim
	// Sale is the sale after the command.
	Sale sale.Summary
	// Changed says that the command caused events: without, it had been carried out before, or there was nothing to do.
	Changed bool

	appended *trace.SpanContext // of the append; nil: it is part of no trace
}

// Do decides one command on a stream and returns what became of it: an outcome; a refusal of package sale, beside which
// the outcome has its Position only; or one of the errors above. It takes no context: a command that has been accepted is
// finished, whoever stops waiting for it.
//
// metadata.CommandID must be a new UUIDv7.
func (w *Writer) Do(stream uuid.UUID, command sale.Command, metadata eventstore.Metadata) (Outcome, error) {
	l := w.loops[maphash.Bytes(w.seed, stream[:])%uint64(len(w.loops))]
	j := &job{stream: stream, command: command, metadata: metadata, done: make(chan struct{})}
	outcome, err := l.do(j)
	w.metrics.done(j, outcome, err)
	return outcome, err
}
