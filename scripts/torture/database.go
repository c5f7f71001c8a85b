package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"

	"onsale/scripts/internal/child"
)

// A database is a private PostgreSQL that is killed and started again.
type database struct {
	program string
	dir     string
	log     *os.File

	mu      sync.Mutex
	server  *child.Process
	url     *url.URL
	address string // of its Unix socket
}

func openDatabase(ctx context.Context, program, dir string) (*database, error) {
	log, err := os.Create(filepath.Join(dir, "postgres.log"))
	if err != nil {
		return nil, err
	}
	d := &database{program: program, dir: dir, log: log}
	return d, d.start(ctx)
}

// start returns when PostgreSQL has recovered and takes connections.
func (d *database) start(ctx context.Context) error {
	told := make(chan string, 1)
	cmd := exec.Command(d.program, "postgres")
	cmd.Dir = d.dir
	cmd.Env = append(environment(), "ONSALE_DATA="+filepath.Join(d.dir, "data"))
	cmd.Stderr = d.log
	cmd.Stdout = &child.Lines{Each: func(line string) {
		select {
		case told <- line:
		default:
		}
	}}
	server, err := child.Start(cmd)
	if err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	d.mu.Lock()
	d.server = server
	d.mu.Unlock()
	select {
	case line := <-told:
		return d.reached(line)
	case <-server.Done():
		return fmt.Errorf("start PostgreSQL: it ended at once, see %s", d.log.Name())
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (d *database) reached(line string) error {
	address, err := url.Parse(line)
	if err != nil {
		return fmt.Errorf("PostgreSQL's address: %w", err)
	}
	query := address.Query()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.url, d.address = address, filepath.Join(query.Get("host"), ".s.PGSQL."+query.Get("port"))
	return nil
}

// socket is where it listens now.
func (d *database) socket() string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.address
}

// named is the address of one of the databases in it; empty: the one to administrate from.
func (d *database) named(name string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	address := *d.url
	if name != "" {
		address.Path = "/" + name
	}
	return address.String()
}

func (d *database) connect(ctx context.Context, name string) (*pgx.Conn, error) {
	return pgx.Connect(ctx, d.named(name))
}

// exec carries out one statement.
func (d *database) exec(ctx context.Context, name, sql string) error {
	conn, err := d.connect(ctx, name)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	_, err = conn.Exec(ctx, sql)
	return err
}

// processes are the postmaster, first, and everything that works for it.
const processes = `
select split_part(pg_read_file('postmaster.pid'), E'\n', 1)::int
union all
select pid from pg_stat_activity where pid <> pg_backend_pid()`

// crash kills all of PostgreSQL at once, and starts it again.
func (d *database) crash(ctx context.Context) error {
	conn, err := d.connect(ctx, "")
	if err != nil {
		return fmt.Errorf("find PostgreSQL's processes: %w", err)
	}
	rows, err := conn.Query(ctx, processes)
	if err != nil {
		return fmt.Errorf("find PostgreSQL's processes: %w", err)
	}
	pids, err := pgx.CollectRows(rows, pgx.RowTo[int])
	if err != nil {
		return fmt.Errorf("find PostgreSQL's processes: %w", err)
	}
	var failed []error
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
			failed = append(failed, fmt.Errorf("kill PostgreSQL: %w", err))
		}
	}
	conn.Close(context.WithoutCancel(ctx))
	<-d.server.Done()
	return errors.Join(append(failed, d.start(ctx))...)
}

// close stops it.
func (d *database) close() error {
	defer d.log.Close()
	d.mu.Lock()
	server := d.server
	d.mu.Unlock()
	if server == nil {
		return nil
	}
	return server.Stop(30 * time.Second)
}

// environment is what children get of ours: nothing that would set them up otherwise than the run says.
func environment() []string {
	var kept []string
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "ONSALE_POSTGRES_BIN"} {
		if value, ok := os.LookupEnv(name); ok {
			kept = append(kept, name+"="+value)
		}
	}
	return append(kept, "JWT_ACCESS_SECRET="+accessSecret, "JWT_REFRESH_SECRET="+refreshSecret)
}
