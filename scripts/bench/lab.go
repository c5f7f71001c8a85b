package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
)

// settings is how a run measures.
type settings struct {
	Clients int           `json:"clients"` // connections, each of which sends its next request when the last is answered
	Cell    time.Duration `json:"cell"`    // how long each cell is measured
	Warm    time.Duration `json:"warm"`    // how long it runs before
	Rounds  int           `json:"rounds"`
	// Overload asks for the rows of overload, which no others are measured with.
	Overload bool  `json:"overload,omitempty"`
	Log      []int `json:"log"` // events in the log beforehand, for the rows that compare by these
	// Profiles is a folder for a processor profile of each cell of a node. Empty: none is taken, for it costs.
	Profiles string `json:"profiles,omitempty"`
}

// lab is where the rows are measured: the programs, a private PostgreSQL, and the servers of the group under way. Its methods
// are for one goroutine, but for load.
type lab struct {
	settings
	dir      string // for anything; removed at the end
	onsale   string // the program that is measured, built for this run
	self     string // this program, for its other roles
	database string // of the private PostgreSQL: the one that others are made from
	buyers   buyers
	postgres *process
	servers  map[string]*server
	made     int // databases
	profiles int // taken
}

// openLab builds the program and starts PostgreSQL. close it, also after an error.
func openLab(ctx context.Context, s settings) (l *lab, err error) {
	l = &lab{settings: s, servers: make(map[string]*server)}
	if l.self, err = os.Executable(); err != nil {
		return l, err
	}
	if l.dir, err = os.MkdirTemp("", "onsale-bench-"); err != nil {
		return l, err
	}
	// Root's PostgreSQL runs as somebody else, who has to get through.
	if err := os.Chmod(l.dir, 0o711); err != nil {
		return l, err
	}
	if l.onsale, err = build(ctx, l.dir, "onsale"); err != nil {
		return l, err
	}
	if l.buyers, err = makeBuyers(l.dir, s); err != nil {
		return l, err
	}
	// It looks for its programs from where we are, and there may be settings that are not for it.
	l.postgres, err = l.start("postgres", "", []string{"ONSALE_DATA=" + filepath.Join(l.dir, "data"), "DATABASE_URL="}, l.onsale, "postgres")
	if err != nil {
		return l, err
	}
	l.database, err = l.postgres.line(ctx, "")
	return l, err
}

// close stops everything, PostgreSQL last, and removes what there was.
func (l *lab) close() error {
	err := l.clear()
	if l.postgres != nil {
		err = errors.Join(err, l.postgres.stop())
	}
	if l.dir != "" {
		err = errors.Join(err, os.RemoveAll(l.dir))
	}
	return err
}

// clear stops the servers of a group that is done.
func (l *lab) clear() error {
	var problems []error
	for name, s := range l.servers {
		problems = append(problems, s.stop())
		delete(l.servers, name)
	}
	return errors.Join(problems...)
}

// newDatabase makes an empty database and returns its address.
func (l *lab) newDatabase(ctx context.Context) (string, error) {
	l.made++
	name := fmt.Sprintf("bench_%d", l.made)
	if err := execute(ctx, l.database, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	c, err := pgx.ParseConfig(l.database)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("host=%s port=%d user=%s password='%s' dbname=%s", c.Host, c.Port, c.User, c.Password, name), nil
}

// execute runs statements on the database at the address, by a connection of their own.
func execute(ctx context.Context, database string, statements ...string) error {
	conn, err := pgx.Connect(ctx, database)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%.60s: %w", sql, err)
		}
	}
	return nil
}

// node returns the group's node of this name. The first call starts it, on a new database.
func (l *lab) node(ctx context.Context, name string) (*server, error) {
	if s := l.servers[name]; s != nil {
		return s, nil
	}
	database, err := l.newDatabase(ctx)
	if err != nil {
		return nil, err
	}
	return l.nodeOn(ctx, name, database)
}

// nodeOn starts a node of this name, which is to have no namesake running, on a database that is there. It may have more
// settings than all nodes have.
func (l *lab) nodeOn(ctx context.Context, name, database string, more ...string) (*server, error) {
	admin, err := freePort()
	if err != nil {
		return nil, err
	}
	settings := append(onDatabase(database), "RATE_LIMIT=off", "PAYMENT_DELAY=0", "LOG_FORMAT=json",
		"API_PORT=0", "WEB_PORT=0", fmt.Sprint("ADMIN_PORT=", admin))
	s, err := l.serve(ctx, name, database, append(settings, more...), l.onsale, "serve")
	if err != nil {
		return nil, err
	}
	s.Metrics = fmt.Sprintf("http://127.0.0.1:%d/metrics", admin)
	return s, nil
}

// baseline returns the group's server of this kind: see server.go. The first call starts it, on a new database.
func (l *lab) baseline(ctx context.Context, kind string) (*server, error) {
	if s := l.servers[kind]; s != nil {
		return s, nil
	}
	database, err := l.newDatabase(ctx)
	if err != nil {
		return nil, err
	}
	return l.serve(ctx, kind, database, []string{"DATABASE_URL=" + database}, l.self, "server", kind)
}

// focus lets these servers of the group run, and stops the others (SIGSTOP): not even their polling is in the way.
func (l *lab) focus(on ...*server) error {
	var problems []error
	for _, s := range l.servers {
		wanted := false
		for _, o := range on {
			wanted = wanted || o == s
		}
		problems = append(problems, s.pause(!wanted))
	}
	return errors.Join(problems...)
}
