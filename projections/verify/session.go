package verify

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// A session is several connections that see the database at one instant.
type session struct {
	url      string
	snapshot string // the instant, as PostgreSQL names it
	conns    []*pgx.Conn
}

// begin opens the first connection. What it sees is what all of them will see.
func (s *session) begin(ctx context.Context) (*pgx.Conn, error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	if err := conn.QueryRow(ctx, `select pg_export_snapshot()`).Scan(&s.snapshot); err != nil {
		return nil, fmt.Errorf("share what one connection sees: %w", err)
	}
	return conn, nil
}

// join opens another connection.
func (s *session) join(ctx context.Context) (*pgx.Conn, error) {
	conn, err := s.connect(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := conn.Exec(ctx, "set transaction snapshot '"+s.snapshot+"'"); err != nil {
		return nil, fmt.Errorf("see what another connection sees: %w", err)
	}
	return conn, nil
}

// settingsSQL gives a long and quiet reader its time.
const settingsSQL = `
set statement_timeout = 0;
set idle_in_transaction_session_timeout = 0;
set jit = off`

// connect opens a connection and its transaction, which cannot write and has not looked at anything yet.
func (s *session) connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, s.url)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	s.conns = append(s.conns, conn)
	if _, err := conn.Exec(ctx, settingsSQL); err != nil {
		return nil, fmt.Errorf("set up a connection: %w", err)
	}
	if _, err := conn.Exec(ctx, `begin isolation level repeatable read, read only`); err != nil {
		return nil, fmt.Errorf("begin to read: %w", err)
	}
	return conn, nil
}

// close hangs up. The transactions have nothing to lose.
func (s *session) close() {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	for _, conn := range s.conns {
		_ = conn.Close(ended)
	}
	for _, conn := range s.conns {
		<-conn.PgConn().CleanupDone()
	}
}
