package postgres

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func needsRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("NOT TESTED: what root does, for this is not root")
	}
}

func TestRootsServerRunsAsSomebodyElse(t *testing.T) {
	needsRoot(t)
	t.Parallel()
	server := begin(t, quiet(usedDir(t)))
	info, err := os.Stat(filepath.Join(server.place.data(), "postmaster.pid")) // made by the server
	if err != nil || owner(info) == 0 || owner(info) != server.place.who.uid {
		t.Errorf("user %d, %v", owner(info), err)
	}
}

func TestFolderThatTheServersUserCannotEnter(t *testing.T) {
	needsRoot(t)
	t.Parallel()
	closed := t.TempDir()
	if err := os.Chmod(closed, 0o700); err != nil {
		t.Fatal(err)
	}
	wanted := filepath.Join(closed, "pg")
	var log bytes.Buffer
	server := begin(t, Options{Dir: wanted, Log: slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelWarn}))})
	taken := server.Dir()
	t.Cleanup(func() { stop(t, server); os.RemoveAll(taken) })
	if strings.HasPrefix(taken, closed) {
		t.Fatalf("it runs in %s", taken)
	}
	if !strings.Contains(log.String(), taken) {
		t.Errorf("the log does not tell: %s", log.String())
	}
	if _, err := os.Stat(wanted); !os.IsNotExist(err) {
		t.Errorf("something was left in %s: %v", wanted, err)
	}
	remember(t, server.DSN(), "kept")
	if dsn, ok, err := Running(t.Context(), wanted); !ok || err != nil || dsn != server.DSN() {
		t.Errorf("running: %s, %v, %v", dsn, ok, err)
	}
	stop(t, server)

	if err := os.Chmod(closed, 0o711); err != nil {
		t.Fatal(err)
	}
	again := begin(t, quiet(wanted))
	if again.Dir() != taken || recall(t, again.DSN()) != "kept" {
		t.Errorf("when it could be entered, the data was looked for in %s", again.Dir())
	}
}

func TestDataThatRootHasPutBack(t *testing.T) {
	needsRoot(t)
	t.Parallel()
	dir := usedDir(t)
	server := begin(t, quiet(dir))
	remember(t, server.DSN(), "kept")
	stop(t, server)
	root := &account{name: "root"}
	if err := root.ownAll(server.place.data()); err != nil {
		t.Fatal(err)
	}
	if got := recall(t, begin(t, quiet(dir)).DSN()); got != "kept" {
		t.Errorf("got %q", got)
	}
}

func TestRootRunsDataAsItsOwner(t *testing.T) {
	needsRoot(t)
	t.Parallel()
	const plain = 54321 // who has no name
	dir := newDir(t)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	data := filepath.Join(dir, "data")
	if err := os.Mkdir(data, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.Chown(data, plain, plain); err != nil {
		t.Fatal(err)
	}
	where := settled(t, dir)
	if where.uid() != plain || where.dir != dir {
		t.Errorf("user %d in %s", where.uid(), where.dir)
	}
}

func TestRootsFolderThatCannotBeMadeIsAnError(t *testing.T) {
	needsRoot(t)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, dir := range []string{"/proc/onsale", filepath.Join(file, "data")} {
		if where, err := settle(dir, true); err == nil {
			t.Errorf("%s: the data would go to %s", dir, where.dir)
		}
	}
}
