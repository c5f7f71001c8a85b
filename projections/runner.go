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
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/command/sale"
	"onsale/eventstore"
)

// A Runner keeps projections up to date with the log.
type Runner struct {
	pool        *pgxpool.Pool
	store       *eventstore.Store
	projections []Projection
	log         *slog.Logger
	progress    *progress
}

// NewRunner returns a runner of projections that have been prepared. Run starts it. A nil log means slog.Default.
func NewRunner(pool *pgxpool.Pool, store *eventstore.Store, log *slog.Logger, projections ...Projection) *Runner {
	if log == nil {
		log = slog.Default()
	}
	return &Runner{pool: pool, store: store, projections: projections, log: log, progress: newProgress(projections)}
}

// CatchUp returns when the tables of all projections have everything up to the position, or with [ErrNotCaughtUp] when ctx
// ends before.
func (r *Runner) CatchUp(ctx context.Context, position int64) error {
	return r.progress.wait(ctx, position)
}

// Positions tells how far each projection is, by name.
func (r *Runner) Positions() map[string]int64 { return r.progress.all() }

// Run applies the log as it grows, until ctx ends.
func (r *Runner) Run(ctx context.Context) error {
	logger := watermill.NewSlogLogger(r.log)
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: 10 * time.Second}, logger)
	if err != nil {
		return fmt.Errorf("run projections: %w", err)
	}
	router.AddMiddleware(
		middleware.CorrelationID,
		middleware.Retry{
			MaxRetries: 5, InitialInterval: 20 * time.Millisecond, MaxInterval: time.Second, Multiplier: 3,
			ShouldRetry: func(p middleware.RetryParams) bool {
				return !errors.Is(p.Err, ErrHalted) && !errors.Is(p.Err, errRewound)
			},
			Logger: logger,
		}.Middleware,
		middleware.Recoverer,
	)
	subscriber := eventstore.NewSubscriber(r.store, eventstore.SubscriberConfig{
		Position: r.position, Lost: func(name string) { r.progress.set(name, 0) }, Log: r.log,
	})
	for _, p := range r.projections {
		router.AddConsumerHandler(p.Name, p.Name, subscriber, func(msg *message.Message) error {
			return r.apply(msg.Context(), p, eventstore.PageOf(msg))
		})
	}
	if err := errors.Join(router.Run(ctx), subscriber.Close()); err != nil {
		return fmt.Errorf("run projections: %w", err)
	}
	return nil
}

// position reads a projection's checkpoint and believes it, whatever this process thought before.
func (r *Runner) position(ctx context.Context, name string) (int64, error) {
	position, err := checkpoint(ctx, r.pool, name)
	if err == nil {
		r.progress.set(name, position)
	}
	return position, err
}

var (
	// ErrHalted says that a projection cannot go on: it met an event that it cannot read.
	ErrHalted = errors.New("projection halted")

	errRewound = errors.New("checkpoint went back")
)

// apply brings a projection to the end of the page, whatever part of it other nodes have applied already.
func (r *Runner) apply(ctx context.Context, p Projection, page eventstore.Page) error {
	for {
		at := r.progress.get(p.Name)
		if at < page.After {
			return fmt.Errorf("projection %s: %w: to %d, the page follows %d", p.Name, errRewound, at, page.After)
		}
		rest := page.Beyond(at)
		if len(rest.Events) == 0 {
			return nil
		}
		err := r.commit(ctx, p, rest)
		switch {
		case err == nil:
			r.progress.set(p.Name, rest.Through())
			return nil
		case !errors.Is(err, errMoved):
			return err
		}
		if _, err := r.position(ctx, p.Name); err != nil {
			return err
		}
	}
}

// commit applies the page and moves the checkpoint in one transaction, in one round trip.
func (r *Runner) commit(ctx context.Context, p Projection, page eventstore.Page) error {
	changes, err := decode(page)
	if err != nil {
		return fmt.Errorf("projection %s: %w", p.Name, err)
	}
	batch := &pgx.Batch{}
	batch.Queue(advanceSQL, p.Name, page.After, page.Through())
	p.Apply(changes, batch)
	err = r.pool.SendBatch(ctx, batch).Close()
	switch {
	case moved(err):
		return errMoved
	case err != nil:
		return fmt.Errorf("projection %s: apply %d to %d: %w", p.Name, page.After+1, page.Through(), err)
	}
	return nil
}

func decode(page eventstore.Page) ([]Change, error) {
	changes := make([]Change, len(page.Events))
	for i, e := range page.Events {
		event, err := sale.Decode(e.Type, e.Schema, e.Data)
		if err != nil {
			return nil, fmt.Errorf("%w at position %d: %w", ErrHalted, e.Position, err)
		}
		changes[i] = Change{RecordedEvent: e, Event: event}
	}
	return changes, nil
}
