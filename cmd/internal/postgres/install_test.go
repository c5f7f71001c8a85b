package postgres

import (
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// fake makes a folder with programs that only tell a version.
func fake(t *testing.T, dir string, major int) string {
	t.Helper()
	for _, name := range needed(0) {
		script(t, dir, name, "echo '"+name+" (PostgreSQL) "+strconv.Itoa(major)+".1'")
	}
	return dir
}

func TestFind(t *testing.T) { // not in parallel: it sets PATH
	where := settled(t, newDir(t))
	root := newDir(t)
	old, mid, latest := fake(t, root+"/old", oldest-1), fake(t, root+"/mid", 1016), fake(t, root+"/new", 1017)
	halved := filepath.Join(root, "half")
	script(t, halved, "postgres", "echo 'postgres (PostgreSQL) 1018.1'")
	broken := filepath.Join(root, "broken")
	script(t, broken, "postgres", "exit 127")
	script(t, broken, "initdb", "exit 127")
	path := func(dirs ...string) string { return strings.Join(dirs, string(os.PathListSeparator)) }

	rows := map[string]struct {
		path, folder string
		wanted       int
		dir          string
		err          error
	}{
		"the first on the path is taken for new data":        {path: path(latest, mid), dir: latest},
		"the one that made the data is taken before":         {path: path(latest, mid), wanted: 1016, dir: mid},
		"one that is too old is passed over":                 {path: path(old, mid), dir: mid},
		"one that does not run is passed over":               {path: path(broken, mid), dir: mid},
		"one without initdb is passed over":                  {path: path(halved, mid), dir: mid},
		"a named folder is taken before the path":            {path: path(mid), folder: latest, dir: latest},
		"a named folder is the only one":                     {path: path(mid), folder: broken, err: ErrNotInstalled},
		"a named folder must have made the data":             {path: path(mid), folder: latest, wanted: 1016, err: ErrVersion},
		"data of a version that is not there is not started": {path: path(latest, mid), wanted: 1015, err: ErrVersion},
	}
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Setenv("PATH", row.path)
			found, err := find(where, row.folder, row.wanted)
			if found.dir != row.dir || !errors.Is(err, row.err) {
				t.Errorf("got %s, %v; want %s, %v", found.dir, err, row.dir, row.err)
			}
		})
	}

	t.Run("what is there to be found is available, and nothing else", func(t *testing.T) {
		if err := Available(latest); err != nil {
			t.Error(err)
		}
		if err := Available(broken); !errors.Is(err, ErrNotInstalled) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("the refusal names both versions and the ways out", func(t *testing.T) {
		_, err := find(where, latest, 1016)
		for _, want := range []string{"1016", "1017", "pg_upgrade", "pg_dump", "nothing was touched"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not in: %v", want, err)
			}
		}
	})
	t.Run("the error names where it looked and how to get one", func(t *testing.T) {
		_, err := find(where, filepath.Join(root, "nowhere"), 0)
		for _, want := range []string{"nowhere", "ONSALE_POSTGRES_BIN", "DATABASE_URL", "install"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%q is not in: %v", want, err)
			}
		}
	})
}

func TestNewestFirst(t *testing.T) {
	t.Parallel()
	root := t.TempDir()
	for _, version := range []string{"9.6", "15", "100", "17"} {
		if err := os.MkdirAll(filepath.Join(root, version, "bin"), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	var got []string
	for _, dir := range newestFirst(filepath.Join(root, "*", "bin")) {
		got = append(got, filepath.Base(filepath.Dir(dir)))
	}
	if want := "100 17 15 9.6"; strings.Join(got, " ") != want {
		t.Errorf("got %v, want %s", got, want)
	}
}

// What npm leaves: no right to execute, and no links, which its programs need.
func TestPackageOfNPMIsMendedInACopy(t *testing.T) {
	t.Parallel()
	dir := newDir(t)
	bin := filepath.Join(newDir(t), "native", "bin")
	real, err := find(settled(t, dir), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range needed(0) {
		script(t, bin, name, `test -h "$(dirname "$0")/../lib/libpq.so.5" && exec "`+real.dir+`/`+name+`" "$@"`)
		if err := os.Chmod(filepath.Join(bin, name), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	native := filepath.Dir(bin)
	for name, text := range map[string]string{
		"lib/libpq.so.5.18": "",
		"pg-symlinks.json":  `[{"source":"native/lib/libpq.so.5.18","target":"native/lib/libpq.so.5"}]`,
		"../package.json":   `{"version":"18.4.0"}`,
	} {
		if err := makeOpen(filepath.Dir(filepath.Join(native, name))); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(native, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	before := tree(t, native)
	for _, time := range []string{"first", "second"} {
		options := quiet(dir)
		options.Bin = bin
		server, err := Start(t.Context(), options)
		if err != nil {
			t.Fatalf("%s start: %v", time, err)
		}
		stop(t, server)
	}
	if after := tree(t, native); len(after) != len(before) {
		t.Errorf("the package was changed: %v", after)
	}
}

func TestSystemWithoutTheLocaleThatIsWanted(t *testing.T) {
	t.Parallel()
	dir, bin := newDir(t), newDir(t)
	real, err := find(settled(t, dir), "", 0)
	if err != nil {
		t.Fatal(err)
	}
	script(t, bin, "initdb", `case "$*" in *C.UTF-8*) echo 'initdb: error: invalid locale name "C.UTF-8"' >&2; exit 1;; esac
exec "`+real.dir+`/initdb" "$@"`)
	script(t, bin, "postgres", `exec "`+real.dir+`/postgres" "$@"`)
	options := quiet(dir)
	options.Bin = bin
	if got := ask(t, begin(t, options).DSN(), "SHOW server_encoding"); got != "UTF8" {
		t.Errorf("got %q", got)
	}
}
