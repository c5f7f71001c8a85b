package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"onsale/cmd/internal/config"
	"onsale/cmd/internal/postgres"
	"onsale/cmd/internal/telemetry"
	"onsale/eventstore"
	"onsale/migrations"
	"onsale/projections"
)

// How many connections a node has at most. Those of the writer and of who follows the log are their own, so that no query
// can keep them waiting.
const logConnections = 8

func otherConnections() int32 { return int32(max(8, 4*runtime.NumCPU())) }

// stopTimeout bounds how long the private PostgreSQL may take to stop cleanly.
const stopTimeout = time.Minute

// A database is the one that a command works on, migrated.
type database struct {
	url    string
	server *postgres.Server // nil: somebody else's to start and stop
	dir    string           // where what must be kept beside it is

	telemetry *telemetry.Telemetry // nil: nobody looks into what works on it

	log  *pgxpool.Pool // the writer's, and theirs who follow the log
	pool *pgxpool.Pool // everybody else's
}

// openDatabase opens the database at DATABASE_URL; without one, the private one in the data folder: that of a running serve
// when share says so and there is one, else it is started.
func openDatabase(ctx context.Context, c config.Config, log *slog.Logger, share bool, tell *telemetry.Telemetry) (*database, error) {
	d := &database{url: c.DatabaseURL, dir: c.DataDir, telemetry: tell}
	if err := d.reach(ctx, c, log, share); err != nil {
		return nil, err
	}
	err := d.migrate(ctx, log)
	if err == nil {
		d.log, err = connect(ctx, d.url, logConnections, tell.Queries())
	}
	if err == nil {
		d.pool, err = connect(ctx, d.url, otherConnections(), tell.Queries())
	}
	if err == nil {
		err = d.prepare(ctx, log)
	}
	if err == nil {
		err = d.warnIfForgetful(ctx, log)
	}
	if err != nil {
		return nil, errors.Join(err, d.close())
	}
	tell.Pool("log", d.log)
	tell.Pool("other", d.pool)
	return d, nil
}

// withDatabase does something with the database that a running serve has, or with one that is opened for it.
func withDatabase(ctx context.Context, c config.Config, log *slog.Logger, do func(*database) error) error {
	db, err := openDatabase(ctx, c, log, true, nil)
	if err != nil {
		return err
	}
	return errors.Join(do(db), db.close())
}

// reach finds or starts a private PostgreSQL where there is no DATABASE_URL.
func (d *database) reach(ctx context.Context, c config.Config, log *slog.Logger, share bool) error {
	if d.url != "" {
		return nil
	}
	if share {
		url, running, err := postgres.Running(ctx, c.DataDir)
		if err != nil {
			return fmt.Errorf("private PostgreSQL: %w", err)
		}
		if running {
			d.url = url
			return nil
		}
	}
	server, err := postgres.Start(ctx, postgres.Options{Dir: c.DataDir, Bin: c.PostgresBin, Log: serverLog(log, share)})
	if err != nil {
		return fmt.Errorf("private PostgreSQL: %w", err)
	}
	d.server, d.url, d.dir = server, server.DSN(), server.Dir()
	return nil
}

// serverLog is where the private PostgreSQL's own log goes. That it comes and goes is of interest to who serves, and in the
// way of what a tool has to say.
func serverLog(log *slog.Logger, tool bool) *slog.Logger {
	if tool {
		return slog.New(warnings{log.Handler()})
	}
	return log
}

// warnings hands on what is a warning, or worse.
type warnings struct{ slog.Handler }

func (w warnings) Enabled(ctx context.Context, level slog.Level) bool {
	return level >= slog.LevelWarn && w.Handler.Enabled(ctx, level)
}

func (w warnings) WithAttrs(attrs []slog.Attr) slog.Handler {
	return warnings{w.Handler.WithAttrs(attrs)}
}
func (w warnings) WithGroup(name string) slog.Handler { return warnings{w.Handler.WithGroup(name)} }

func (d *database) migrate(ctx context.Context, log *slog.Logger) error {
	conn, err := pgx.Connect(ctx, d.url)
	if err != nil {
		return fmt.Errorf("connect to the database: %w", err)
	}
	defer conn.Close(context.WithoutCancel(ctx))
	from, to, err := migrations.Up(ctx, conn)
	if err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	if from != to {
		log.Info("database migrated", "from", from, "to", to)
	}
	return nil
}

// prepare makes the read tables that are missing, and makes those of another version anew, beside the old ones: nodes of the
// old version serve from these until then.
func (d *database) prepare(ctx context.Context, log *slog.Logger) error {
	for {
		outdated, err := projections.Outdated(ctx, d.pool, projections.All()...)
		if err != nil {
			return err
		}
		if len(outdated) == 0 {
			break
		}
		log.Info("read tables are of another version and are made anew", "projections", len(outdated))
		err = projections.Rebuild(ctx, d.pool, eventstore.New(d.log), projections.RebuildOptions{IfNeeded: true}, outdated...)
		if err != nil && !errors.Is(err, projections.ErrRebuilding) { // by another node: it is waited for
			return err
		}
	}
	conn, err := d.pool.Acquire(ctx)
	if err != nil {
		return fmt.Errorf("prepare the read tables: %w", err)
	}
	defer conn.Release()
	return projections.Prepare(ctx, conn.Conn(), projections.All()...)
}

// warnIfForgetful says so when the database may lose what it has confirmed: then nothing above it can keep its promise.
func (d *database) warnIfForgetful(ctx context.Context, log *slog.Logger) error {
	for _, setting := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		var value string
		if err := d.log.QueryRow(ctx, "select current_setting($1)", setting).Scan(&value); err != nil {
			return fmt.Errorf("read the database's settings: %w", err)
		}
		if value == "off" {
			log.Warn("the database may lose confirmed bookings in a crash", "setting", setting, "value", value)
		}
	}
	return nil
}

func connect(ctx context.Context, url string, most int32, tracer pgx.QueryTracer) (*pgxpool.Pool, error) {
	c, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("DATABASE_URL: %w", err)
	}
	c.MaxConns, c.ConnConfig.Tracer = most, tracer
	// The append reads what was committed before it took the lane, which a stricter level would not show it.
	c.ConnConfig.RuntimeParams["default_transaction_isolation"] = "read committed"
	if c.ConnConfig.RuntimeParams["application_name"] == "" {
		c.ConnConfig.RuntimeParams["application_name"] = "onsale"
	}
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return pool, nil
}

// ended is closed when a PostgreSQL of ours has ended; it is nil, and blocks, when there is none.
func (d *database) ended() <-chan struct{} {
	if d.server == nil {
		return nil
	}
	return d.server.Done()
}

// close hangs up, and stops the PostgreSQL that openDatabase started.
func (d *database) close() error {
	for _, pool := range []*pgxpool.Pool{d.log, d.pool} {
		if pool != nil {
			pool.Close()
		}
	}
	if d.server == nil {
		return nil
	}
	select {
	case <-d.server.Done():
		return nil // by itself, which has been told
	default:
	}
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	return d.server.Stop(ctx)
}
