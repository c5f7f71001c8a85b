package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"onsale/migrations/migrationstest"
)

// A fatality is a command that is killed at a random moment, again and again, and what has to hold afterwards. It is the
// real program, and kill -9.
type fatality struct {
	command string
	// atOnce is how many of them run, and are killed, at once; 0 means 1.
	atOnce int
	// site makes what a round works on. Where it returns the same each time, a round finds what the one before it left.
	site func(t *testing.T) site
	// victims are killed. nil: the programs.
	victims func(p site, programs []*exec.Cmd, random *rand.Rand)
	// kept, if not nil, is what holds when it was killed and nothing else has been done.
	kept func(t *testing.T, p site)
	// mended is what holds when it was then run to its end.
	mended func(t *testing.T, p site)
}

// A site is a working folder with settings.
type site struct {
	dir string
	settings
}

func (p site) run(t *testing.T, command string) (out string) {
	t.Helper()
	code, out, stderr := runProgram(t, p.dir, p.settings, strings.Fields(command)...)
	if code != 0 {
		t.Fatalf("onsale %s: exit code %d\n%s%s", command, code, out, stderr)
	}
	return out
}

// TestKilled kills each command five times, or as often as ONSALE_KILLS says. ONSALE_SEED repeats the moments of a run.
func TestKilled(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]fatality{
		"two that migrate": {command: "migrate", atOnce: 2, site: emptyDatabase, mended: migratedOnce},
		"seed":             {command: "seed", site: migratedDatabase, mended: seededOnce},
		"rebuild":          {command: "projections rebuild --all", site: soldLog(), kept: verifies, mended: rebuilt},
		"verify":           {command: "verify", site: soldLog(), mended: nothingLeftRunning},
		"a private PostgreSQL, at its first start": {command: "seed", site: newFolder, victims: anyOf, mended: seededInFolder},
		"a private PostgreSQL":                     {command: "migrate", site: oneFolder(), victims: anyOf, mended: seededInFolder},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f.rounds(t)
		})
	}
}

func (f fatality) rounds(t *testing.T) {
	seed := uint64(setting(t, "ONSALE_SEED", int(time.Now().UnixNano()%1_000_000)))
	random := rand.New(rand.NewPCG(seed, seed))
	var killed string
	defer func() {
		if t.Failed() {
			t.Logf("killed %s: ONSALE_SEED=%d", killed, seed)
		}
	}()
	undisturbed := f.round(t, f.site(t), random, nil)
	hits := 0
	for round := range setting(t, "ONSALE_KILLS", 5) {
		after := time.Duration(random.Float64() * float64(undisturbed))
		killed = fmt.Sprintf("in round %d after %s of %s", round, after, undisturbed)
		if took := f.round(t, f.site(t), random, time.After(after)); took == 0 {
			hits++
		} else {
			undisturbed = min(undisturbed, took) // the first one may have been slow
		}
		if t.Failed() {
			t.FailNow()
		}
	}
	t.Logf("killed %d times within %s, ONSALE_SEED=%d", hits, undisturbed, seed)
}

func setting(t *testing.T, name string, otherwise int) int {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

// round returns how long the command took, 0 when it was killed.
func (f fatality) round(t *testing.T, p site, random *rand.Rand, moment <-chan time.Time) time.Duration {
	t.Helper()
	programs, ended := make([]*exec.Cmd, max(1, f.atOnce)), make(chan error)
	var said lockedBuffer
	began := time.Now()
	for i := range programs {
		cmd := exec.Command(binary, strings.Fields(f.command)...)
		cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = p.dir, p.environ(), &said, &said
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		programs[i] = cmd
		go func() { ended <- cmd.Wait() }()
	}
	left, killed := len(programs), false
	for left > 0 {
		select {
		case err := <-ended:
			if left--; err != nil && !killed {
				t.Fatalf("onsale %s: %v\n%s", f.command, err, &said)
			}
		case <-moment:
			killed = true
			if f.victims != nil {
				f.victims(p, programs, random)
			} else {
				programsOnly(programs)
			}
		case <-time.After(time.Minute):
			t.Fatalf("onsale %s does not end\n%s", f.command, &said)
		}
	}
	took := time.Since(began)
	if killed {
		took = 0
		if f.kept != nil {
			f.kept(t, p)
		}
		p.run(t, f.command)
	}
	f.mended(t, p)
	return took
}

func programsOnly(programs []*exec.Cmd) {
	for _, cmd := range programs {
		cmd.Process.Kill() // one that has ended is none the worse for it
	}
}

// anyOf kills the private PostgreSQL, if there is one by then, or its program, or both.
func anyOf(p site, programs []*exec.Cmd, random *rand.Rand) {
	which := 1 + random.IntN(3)
	if which&1 != 0 {
		for _, pid := range processesIn(p.settings["ONSALE_DATA"]) {
			if pid.postmaster {
				syscall.Kill(pid.id, syscall.SIGKILL)
			}
		}
	}
	if which&2 != 0 {
		programsOnly(programs)
	}
}

// A process works in a data folder.
type process struct {
	id         int
	postmaster bool
	arguments  string
}

// processesIn finds the processes that name the folder. Only Linux tells.
func processesIn(folder string) (all []process) {
	files, _ := filepath.Glob("/proc/[0-9]*/cmdline")
	for _, file := range files {
		text, _ := os.ReadFile(file)
		arguments := strings.ReplaceAll(string(text), "\x00", " ")
		id, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && strings.Contains(arguments, folder) {
			all = append(all, process{id, bytes.Contains(text, []byte("postgres\x00-D\x00")), arguments})
		}
	}
	return all
}

func migratedDatabase(t *testing.T) site {
	return site{t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)}}
}

// emptyDatabase is one that nobody has migrated.
func emptyDatabase(t *testing.T) site {
	p := migratedDatabase(t)
	conn := p.connect(t)
	for _, statement := range []string{"drop schema public cascade", "create schema public"} {
		if _, err := conn.Exec(t.Context(), statement); err != nil {
			t.Fatal(err)
		}
	}
	return p
}

func (p site) connect(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), p.settings["DATABASE_URL"])
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close(context.Background()) })
	return conn
}

func newFolder(t *testing.T) site {
	if runtime.GOOS != "linux" {
		t.Skip("NOT TESTED: only Linux tells which processes there are")
	}
	dir := memoryDir(t)
	return site{dir, settings{"ONSALE_DATA": filepath.Join(dir, "data")}}
}

// memoryDir is a folder in memory, where there is such a thing: what is killed loses nothing that is only there, and nobody
// waits for a disk.
func memoryDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "onsale-killed-") //nolint:usetesting // t.TempDir is on a disk
	if err != nil {
		return enterableDir(t)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// oneFolder is the same one each time, with demo data.
func oneFolder() func(*testing.T) site {
	var p site
	return func(inner *testing.T) site {
		if p.dir == "" {
			p = newFolder(inner)
			p.run(inner, "seed")
		}
		return p
	}
}
