// Package postgres runs a private PostgreSQL server for a program that was
// given no database: found on the machine, kept in a folder, reached through a
// unix socket that only its owner can open, and never through TCP.
//
// It promises that
//   - what a client was told is committed survives a kill -9 of the program,
//     of the server, and of the machine;
//   - one program at a time uses a folder, and a second one is told so;
//   - a data folder is never deleted, nor opened by another major version than
//     its own;
//   - the server is only ever asked to stop, never killed, and it is asked
//     (on Linux by the kernel) even when the program dies without a word.
//
// You may not assume that the data lies in the folder you named: as root the
// server runs as an ordinary user, and where that user cannot enter the folder
// another one is taken. See [Server.Dir].
//
// The known library for this, fergusstrange/embedded-postgres, deletes a data
// folder of another version and cannot run as root.
package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

var (
	// ErrInUse says that another process has a server in this folder.
	ErrInUse = errors.New("another process runs PostgreSQL here")
	// ErrVersion says that the data was made by another major version than
	// any that was found, and is left as it is.
	ErrVersion = errors.New("the data is of another major version of PostgreSQL")
	// ErrNotInstalled says that no PostgreSQL was found that can be used.
	ErrNotInstalled = errors.New("no usable PostgreSQL was found")
)

// Options says what to run. Only Dir is needed.
type Options struct {
	// Dir is a folder of the server's own, made when it is missing. It holds
	// the data, the socket and the lock.
	Dir string
	// Bin is the folder of the postgres and initdb programs. Empty means to
	// look for them, see [ErrNotInstalled]'s text for where.
	Bin string
	// Log gets what the server says; nil means slog.Default().
	Log *slog.Logger
	// MaxConnections is how many clients are served at once; zero means 100.
	MaxConnections int
	// Unsafe gives up durability: a crash may lose or spoil the data. It is
	// for the databases of tests.
	Unsafe bool
}

// Server is a running PostgreSQL. All its methods may be called at any time,
// from anywhere.
type Server struct {
	place    place
	dsn      string
	child    *child
	lock     *os.File
	stopping atomic.Bool
	done     chan struct{}
	err      error // readable once done is closed
}

// Start returns when the server accepts connections. Its first start in a
// folder makes the cluster, with a role onsale, its superuser, and a database
// onsale. After a crash the recovery is waited for, however long that takes;
// ctx bounds it, and bounds only the start. Errors are [ErrInUse],
// [ErrVersion], [ErrNotInstalled], or what the server said before it gave up.
func Start(ctx context.Context, options Options) (*Server, error) {
	if options.Log == nil {
		options.Log = slog.Default()
	}
	where, err := settle(options.Dir, true)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL in %s: %w", options.Dir, err)
	}
	if where.dir != where.wanted {
		options.Log.Warn("the data folder was moved, for PostgreSQL does not run as root and its user cannot enter it",
			"wanted", where.wanted, "taken", where.dir, "user", where.who.name)
	}
	server, err := startLocked(ctx, where, options)
	if err != nil {
		return nil, fmt.Errorf("start PostgreSQL in %s: %w", where.dir, err)
	}
	return server, nil
}

// startLocked takes the folder's lock and keeps it for as long as the server
// it starts.
func startLocked(ctx context.Context, where place, options Options) (_ *Server, err error) {
	lock, err := acquire(ctx, where.lockFile())
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			lock.Close()
		}
	}()

	bin, err := prepare(ctx, where, options)
	if err != nil {
		return nil, err
	}
	socket, err := where.makeSocketFolder()
	if err != nil {
		return nil, err
	}
	server := &Server{place: where, dsn: dsn(socket), lock: lock, done: make(chan struct{})}
	server.child, err = launch(ctx, where, bin, settings(options, bin, socket), options.Log)
	if err != nil {
		return nil, err
	}
	if err := ping(ctx, server.dsn); err != nil {
		server.child.end()
		return nil, err
	}
	go server.watch()
	return server, nil
}

// watch ends with the child, and only then lets the folder go.
func (s *Server) watch() {
	<-s.child.exited
	switch {
	case s.child.err != nil:
		s.err = fmt.Errorf("PostgreSQL in %s ended: %w", s.place.dir, s.child.err)
	case !s.stopping.Load():
		s.err = fmt.Errorf("PostgreSQL in %s was stopped by somebody else", s.place.dir)
	}
	s.lock.Close()
	close(s.done)
}

// DSN is the address of the database onsale, as a URL that pgx understands.
// It stays the same from start to start.
func (s *Server) DSN() string { return s.dsn }

// Dir is the folder that is really in use.
func (s *Server) Dir() string { return s.place.dir }

// Done is closed when the server has ended, whoever asked it to.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err tells, once Done is closed, why the server ended: nil after a clean Stop.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Stop disconnects the clients, waits until all is on disk and the server has
// ended, and returns what Err then says. When ctx ends first the server is
// still stopping, and Stop may be called again to go on waiting. It may be
// called any number of times.
func (s *Server) Stop(ctx context.Context) error {
	s.stopping.Store(true)
	s.child.interrupt()
	select {
	case <-s.done:
		return s.err
	case <-ctx.Done():
		return fmt.Errorf("stop PostgreSQL in %s: %w", s.place.dir, ctx.Err())
	}
}

func dsn(socketFolder string) string {
	address := url.URL{Scheme: "postgres", User: url.User("onsale"), Path: "/onsale"}
	address.RawQuery = url.Values{"host": {socketFolder}, "port": {port}, "sslmode": {"disable"}}.Encode()
	return address.String()
}

// ping finds out whether the database at dsn can be used.
func ping(ctx context.Context, dsn string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, dsn)
	if err != nil {
		return err
	}
	return conn.Close(ctx)
}
