package projections

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"onsale/eventstore"
)

// databaseTimeout bounds each thing asked of the database: after it the outcome is unknown, and looked up.
const databaseTimeout = 30 * time.Second

// Options tunes a [Runner]. The zero value is right for production.
type Options struct {
	// PageSize is the most events applied in one transaction. 0 means 2,000.
	PageSize int
	// PollInterval is how soon the doings of other processes are noticed. 0 means 50 ms.
	PollInterval time.Duration
	// RetryInterval is the pause before a projection that failed or halted is tried again. 0 means 1 s.
	RetryInterval time.Duration
	// Applied, if not nil, is told of each run of events that this process has applied, in order for each projection. It
	// must not block. What other processes apply it does not hear of.
	Applied func(Applied)
	// Log hears of what fails, which is tried again, and of what halts. nil means slog.Default.
	Log *slog.Logger
	// Metrics is where what the runner does, and how far the tables are, is registered. nil: nowhere.
	Metrics prometheus.Registerer
	// Tracer makes the spans of what is done for commands that are part of a trace. nil: there are none.
	Tracer trace.Tracer
}

// Applied is a run of events that the tables of a projection have got.
type Applied struct {
	Projection string
	After      int64 // the run follows this position
	Through    int64 // and ends with this one
	Streams    []uuid.UUID
}

// A Runner keeps projections up to date with the log.
type Runner struct {
	pool        *pgxpool.Pool
	store       *eventstore.Store
	feed        *feed
	projections []Projection
	options     Options
	progress    *progress
	metrics     *metrics
}

// NewRunner returns a runner of projections that have been prepared. Run starts it.
func NewRunner(pool *pgxpool.Pool, store *eventstore.Store, options Options, projections ...Projection) *Runner {
	if options.Log == nil {
		options.Log = slog.Default()
	}
	progress := newProgress(projections)
	return &Runner{
		pool: pool, store: store, feed: newFeed(store, progress), projections: projections, options: options, progress: progress,
		metrics: newMetrics(options.Metrics, pool, projections),
	}
}

// CatchUp returns when the tables of the named projections, or of all if none is named, have everything up to the position,
// or with [ErrNotCaughtUp] when ctx ends before. So a projection that has halted holds up only those who read its tables.
func (r *Runner) CatchUp(ctx context.Context, position int64, names ...string) error {
	return r.progress.wait(ctx, position, names...)
}

// Position is up to where the tables of the named projections, or of all, are known to have everything: 0 while the database
// does not say.
func (r *Runner) Position(names ...string) int64 {
	position, _ := r.progress.behind(names...)
	return position
}

// Run applies the log as it grows, until ctx ends. It may be called once.
func (r *Runner) Run(ctx context.Context) error {
	// The router's own comings and goings are of no interest to an operator.
	logger := watermill.NewSlogLoggerWithLevelMapping(r.options.Log, map[slog.Level]slog.Level{slog.LevelInfo: slog.LevelDebug})
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 10 * time.Second}, logger)
	if err != nil {
		return fmt.Errorf("run projections: %w", err)
	}
	// A panic becomes an error that is tried again. The handlers publish nothing to hand a correlation id on to: it stands
	// in the error that halts them.
	router.AddMiddleware(
		middleware.Retry{
			MaxRetries: 5, InitialInterval: 20 * time.Millisecond, MaxInterval: time.Second, Multiplier: 3,
			ShouldRetry: func(p middleware.RetryParams) bool {
				return !errors.Is(p.Err, ErrHalted) && !errors.Is(p.Err, errAnotherLog)
			},
			Logger: logger,
		}.Middleware,
		middleware.Recoverer,
	)
	subscriber := r.subscriber()
	for _, p := range r.projections {
		router.AddConsumerHandler(p.Name, p.Name, subscriber, r.handler(p))
	}
	if err := errors.Join(router.Run(ctx), subscriber.Close()); err != nil {
		return fmt.Errorf("run projections: %w", err)
	}
	return nil
}

// handler applies the pages of the log to a projection, and makes it known when that halts and when it goes on.
func (r *Runner) handler(p Projection) message.NoPublishHandlerFunc {
	halted := true // as far as one can tell: whoever ran it before may have said so
	return func(msg *message.Message) error {
		page := eventstore.PageOf(msg)
		ctx, span := r.trace(msg.Context(), p, page)
		defer span.End()
		err := r.apply(ctx, p, page)
		if errors.Is(err, errRewound) {
			// No failure, and so no error to the router, which would log it: the log is read again from the checkpoint. A message
			// that is refused here stays so.
			r.options.Log.DebugContext(ctx, "reading the log again", "projection", p.Name, "reason", err)
			msg.Nack()
			return nil
		}
		if err != nil {
			r.metrics.failures.WithLabelValues(p.Name).Inc()
			span.SetStatus(codes.Error, err.Error())
		}
		switch {
		case errors.Is(err, ErrHalted):
			halted = true
			r.report(msg.Context(), p, err)
		case err == nil && halted:
			halted = false
			r.report(msg.Context(), p, nil)
		}
		return err
	}
}

// trace begins the span of applying a page, if any of its events comes from a command that is part of a trace.
func (r *Runner) trace(ctx context.Context, p Projection, page eventstore.Page) (context.Context, trace.Span) {
	var traced eventstore.Traced
	for _, e := range page.Events {
		traced = traced.With(e.Metadata)
	}
	ctx, span := traced.Start(ctx, r.options.Tracer, "project "+p.Name)
	if span.IsRecording() {
		span.SetAttributes(attribute.Int("onsale.events", len(page.Events)))
	}
	return ctx, span
}

// subscriber makes the log's subscription, whose topics are the projections' names.
func (r *Runner) subscriber() *eventstore.Subscriber {
	named := make(map[string]Projection, len(r.projections))
	for _, p := range r.projections {
		named[p.Name] = p
	}
	return eventstore.NewSubscriber(r.feed, eventstore.SubscriberConfig{
		Position: func(ctx context.Context, name string) (int64, error) {
			defer r.feed.forget() // what was remembered until the checkpoint was read may be of a log that is no more
			return r.resume(ctx, named[name])
		},
		Lost: func(name string) { r.progress.set(name, 0) },
		Pace: func(ctx context.Context, name string, position int64) int64 {
			r.pace(ctx, named[name], position)
			return r.ahead(ctx, named[name], position)
		},
		PageSize:      r.options.PageSize,
		PollInterval:  r.options.PollInterval,
		RetryInterval: r.options.RetryInterval,
		Log:           r.options.Log,
	})
}

// position reads a projection's checkpoint and believes it, whatever this process thought before. A checkpoint that cannot
// be read is as good as none, unless it is only that the runner ends.
func (r *Runner) position(ctx context.Context, p Projection) (int64, error) {
	bounded, cancel := context.WithTimeout(ctx, databaseTimeout)
	defer cancel()
	position, err := p.checkpoint(bounded, r.pool)
	if err == nil || ctx.Err() == nil {
		r.progress.set(p.Name, position)
	}
	return position, err
}

// ahead returns from where to read on, which is beyond the position where other nodes apply pages too and have been first: to read
// and apply what they have applied would be for nothing.
func (r *Runner) ahead(ctx context.Context, p Projection, position int64) int64 {
	if !r.progress.isShared(p.Name) {
		return position
	}
	if at, err := r.position(ctx, p); err == nil {
		return at
	}
	return position
}
