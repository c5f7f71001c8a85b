package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// Every server of these tests is a real one, with the settings that Onsale
// itself runs with.

func TestMain(m *testing.M) {
	if dir := os.Getenv("ONSALE_TEST_PARENT"); dir != "" {
		parent(dir)
	}
	// The tests make thousands of files. In memory that takes a fifth of the time.
	var memory unix.Statfs_t
	if unix.Statfs("/dev/shm", &memory) == nil && memory.Bavail*uint64(memory.Bsize) > 4<<30 && unix.Access("/dev/shm", unix.W_OK) == nil {
		os.Setenv("TMPDIR", "/dev/shm")
	}
	code := m.Run()
	os.RemoveAll(firstStartIn)
	os.Exit(code)
}

// newDir returns the name of a folder that the server's user can enter. (As
// root, what t.TempDir makes cannot be.)
func newDir(t *testing.T) string {
	t.Helper()
	parent := t.TempDir()
	for _, dir := range []string{parent, filepath.Dir(parent)} {
		if err := os.Chmod(dir, 0o711); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(parent, "pg")
}

// firstStart is one first start for all tests that are about something else,
// below firstStartIn.
var firstStart = sync.OnceValues(func() (dir string, err error) {
	parent, err := os.MkdirTemp("", "onsale-first-start-")
	if err != nil {
		return "", err
	}
	firstStartIn = parent
	if err := os.Chmod(parent, 0o711); err != nil {
		return "", err
	}
	dir = filepath.Join(parent, "pg")
	server, err := Start(context.Background(), quiet(dir))
	if err != nil {
		return "", err
	}
	return dir, server.Stop(context.Background())
})

var firstStartIn string

// usedDir returns a folder in which a server has run before.
func usedDir(t *testing.T) string {
	t.Helper()
	from, err := firstStart()
	if err != nil {
		t.Fatal(err)
	}
	dir := newDir(t)
	where, err := settle(dir, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.CopyFS(where.data(), os.DirFS(filepath.Join(from, "data"))); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.Chmod(where.data(), 0o700), where.who.ownAll(where.data())); err != nil {
		t.Fatal(err)
	}
	return dir
}

func quiet(dir string) Options {
	return Options{Dir: dir, Log: slog.New(slog.DiscardHandler)}
}

func begin(t *testing.T, options Options) *Server {
	t.Helper()
	server, err := Start(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, server) })
	return server
}

// stop stops a server, whatever became of it before.
func stop(t *testing.T, server *Server) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	if err := server.Stop(ctx); err != nil && ctx.Err() != nil {
		t.Error(err)
	}
}

// ask returns the one value that a query gives.
func ask(t *testing.T, dsn, sql string) string {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	// The simple protocol gives every value as text, and takes several statements.
	results, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	last := results[len(results)-1]
	if len(last.Rows) == 0 {
		return ""
	}
	return string(last.Rows[0][0])
}

// remember leaves a committed row, and recall returns it.
func remember(t *testing.T, dsn, what string) {
	t.Helper()
	ask(t, dsn, "CREATE TABLE memory (what text); INSERT INTO memory VALUES ('"+what+"')")
}

func recall(t *testing.T, dsn string) string {
	t.Helper()
	return ask(t, dsn, "SELECT what FROM memory")
}

func TestServer(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	server := begin(t, quiet(dir))

	t.Run("has the database and the role onsale", func(t *testing.T) {
		got := ask(t, server.DSN(), "SELECT current_database() || ' ' || current_user || ' ' || rolsuper FROM pg_roles WHERE rolname = current_user")
		if got != "onsale onsale true" {
			t.Errorf("got %q", got)
		}
	})
	for setting, want := range map[string]string{
		"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "data_checksums": "on",
		"listen_addresses": "", "server_encoding": "UTF8", "timezone": "UTC", "jit": "off",
		"max_connections": "100", "wal_level": "replica", "log_min_error_statement": "panic",
	} {
		t.Run("runs with "+setting+" "+want, func(t *testing.T) {
			if got := ask(t, server.DSN(), "SHOW "+setting); got != want {
				t.Errorf("%s is %q, want %q", setting, got, want)
			}
		})
	}
	t.Run("knows letters beyond ASCII, and sorts by code point", func(t *testing.T) {
		if got := ask(t, server.DSN(), "SELECT 'ÉTÉ' ILIKE 'été' AND 'Z' < 'a'"); got != "t" {
			t.Errorf("got %q", got)
		}
	})
	t.Run("lets only its user reach the socket", func(t *testing.T) {
		info, err := os.Stat(server.place.socketFolder())
		if err != nil || info.Mode().Perm() != 0o700 || owner(info) != server.place.uid() {
			t.Errorf("%v, %v", info, err)
		}
	})
	t.Run("lets nobody else start in its folder, and says who has it", func(t *testing.T) {
		_, err := Start(t.Context(), quiet(dir))
		if !errors.Is(err, ErrInUse) || !strings.Contains(err.Error(), fmt.Sprintf("pid %d", os.Getpid())) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("is found running", func(t *testing.T) {
		if dsn, ok, err := Running(t.Context(), dir); dsn != server.DSN() || !ok || err != nil {
			t.Errorf("got %q, %v, %v", dsn, ok, err)
		}
	})

	remember(t, server.DSN(), "kept")
	t.Run("stops, however often it is told to", func(t *testing.T) {
		for range 2 {
			if err := server.Stop(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		<-server.Done()
		if err := server.Err(); err != nil {
			t.Error(err)
		}
	})
	t.Run("is not found running any more", func(t *testing.T) {
		if _, ok, err := Running(t.Context(), dir); ok || err != nil {
			t.Errorf("got %v, %v", ok, err)
		}
	})
	t.Run("finds the data at the next start, at the same address", func(t *testing.T) {
		again := begin(t, quiet(dir))
		if again.DSN() != server.DSN() || recall(t, again.DSN()) != "kept" {
			t.Errorf("got %q at %s, before at %s", recall(t, again.DSN()), again.DSN(), server.DSN())
		}
	})
}

func TestStopThatIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	server := begin(t, quiet(usedDir(t)))
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := server.Stop(ended); err != nil && !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if err := server.Stop(t.Context()); err != nil {
		t.Fatalf("waited for after all: %v", err)
	}
}

func TestStartThatIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ended, quiet(dir)); !errors.Is(err, context.Canceled) {
		t.Fatalf("got %v", err)
	}
	begin(t, quiet(dir)) // the folder is free again, and sound
}

// Where the program was started to ignore SIGINT, as shells do with what they
// start in the background, the server does too until it has set itself up.
func TestAServerThatDoesNotHearYetIsAskedAgain(t *testing.T) {
	t.Parallel()
	dir, bin := usedDir(t), newDir(t)
	real, err := find(settled(t, dir), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	script(t, bin, "postgres", `test "$1" = -D && trap '' INT && echo deaf && sleep 0.3; exec "`+real.dir+`/postgres" "$@"`)
	starting, cancel := context.WithCancel(t.Context())
	options := Options{Dir: dir, Bin: bin, Log: slog.New(slog.NewTextHandler(onWrite(cancel), nil))} // its first words
	ended := make(chan error, 1)
	go func() {
		_, err := Start(starting, options)
		ended <- err
	}()
	select {
	case err := <-ended:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	case <-time.After(20 * time.Second):
		t.Error("it is waited for in vain")
	}
}

type onWrite func()

func (f onWrite) Write(p []byte) (int, error) {
	f()
	return len(p), nil
}

func TestRunningWhereNobodyEverWas(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	if _, ok, err := Running(t.Context(), dir); ok || err != nil {
		t.Fatalf("got %v, %v", ok, err)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Fatalf("it made the folder: %v", err)
	}
}

func TestFolderThatIsNotOurs(t *testing.T) {
	t.Parallel()
	rows := map[string]struct {
		file, text string
		want       error
	}{
		"data of another major version is refused": {"PG_VERSION", "9\n", ErrVersion},
		"data of a version unheard of is refused":  {"PG_VERSION", "9000\n", ErrVersion},
		"a folder of something else is refused":    {"letters.txt", "Dear Ann", nil},
		"a version nobody can read is refused":     {"PG_VERSION", "new\n", nil},
	}
	for name, row := range rows {
		t.Run(name+", and left as it was", func(t *testing.T) {
			t.Parallel()
			dir := newDir(t)
			data := filepath.Join(dir, "data")
			if err := makeOpen(data); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(data, row.file), []byte(row.text), 0o600); err != nil {
				t.Fatal(err)
			}
			before := tree(t, data)
			_, err := Start(t.Context(), quiet(dir))
			if err == nil || row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			if after := tree(t, data); !maps.Equal(before, after) {
				t.Errorf("was %v, is %v", before, after)
			}
		})
	}
}

// tree lists all files below a folder, with what they hold and whose they are.
func tree(t *testing.T, root string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.Walk(root, func(path string, info os.FileInfo, err error) error {
		if err != nil {
			return err
		}
		text, _ := os.ReadFile(path)
		files[path] = fmt.Sprintf("%v %d %s", info.Mode(), owner(info), text)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(newDir(t), strings.Repeat("long/", 30), "with space, comma 'and' \"quotes\"")
	server := begin(t, quiet(dir))
	socket := server.place.socketFolder()
	t.Cleanup(func() { stop(t, server); os.RemoveAll(socket) })
	if strings.HasPrefix(socket, dir) {
		t.Errorf("the socket is in %s", socket)
	}
	if _, ok, err := Running(t.Context(), dir); !ok || err != nil {
		t.Errorf("running: %v, %v", ok, err)
	}
}
