package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"golang.org/x/sys/unix"
)

// machine is where it was measured.
type machine struct {
	CPU        string        `json:"cpu"`
	Cores      int           `json:"cores"`
	MemoryMB   int           `json:"memoryMB"`
	Kernel     string        `json:"kernel"`
	Go         string        `json:"go"`
	PostgreSQL string        `json:"postgresql"`
	Fsync      time.Duration `json:"fsync"` // of 8 KB in the folder of the data; in the middle, nanoseconds
}

// String is for captions.
func (m machine) String() string {
	return fmt.Sprintf("%d × %s, %d GB, %s, %s, PostgreSQL %s, fsync %s",
		m.Cores, m.CPU, (m.MemoryMB+512)/1024, m.Kernel, m.Go, m.PostgreSQL, m.Fsync.Round(10*time.Microsecond))
}

// describe looks at the machine that the lab is on. What it does not tell is empty.
func (l *lab) describe(ctx context.Context) (machine, error) {
	m := machine{Cores: runtime.NumCPU(), Go: runtime.Version(), CPU: procField("/proc/cpuinfo", "model name"), Kernel: kernel()}
	if m.CPU == "" {
		m.CPU = runtime.GOARCH
	}
	if kilobytes, err := strconv.Atoi(strings.TrimSuffix(procField("/proc/meminfo", "MemTotal"), " kB")); err == nil {
		m.MemoryMB = kilobytes / 1024
	}
	conn, err := pgx.Connect(ctx, l.database)
	if err != nil {
		return m, err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	if err := conn.QueryRow(ctx, "SELECT split_part(current_setting('server_version'), ' ', 1)").Scan(&m.PostgreSQL); err != nil {
		return m, err
	}
	m.Fsync, err = fsync(l.dir)
	return m, err
}

// procField is the value of the first line of this name in a file such as /proc/meminfo; empty where there is none.
func procField(file, name string) string {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if key, value, ok := strings.Cut(line, ":"); ok && strings.TrimSpace(key) == name {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

func kernel() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return runtime.GOOS
	}
	release, _, _ := strings.Cut(unix.ByteSliceToString(u.Release[:]), "-") // what follows is a distribution's own
	return unix.ByteSliceToString(u.Sysname[:]) + " " + release
}

// fsync is how long it takes in the middle to bring one page of the log to the disk: what a transaction of its own waits for.
func fsync(dir string) (time.Duration, error) {
	file, err := os.Create(filepath.Join(dir, "fsync"))
	if err != nil {
		return 0, err
	}
	defer os.Remove(file.Name())
	defer file.Close()
	page := make([]byte, 8<<10)
	took := make([]time.Duration, 101)
	for i := range took {
		began := time.Now()
		if _, err := file.WriteAt(page, 0); err != nil {
			return 0, err
		}
		if err := file.Sync(); err != nil {
			return 0, err
		}
		took[i] = time.Since(began)
	}
	slices.Sort(took)
	return percentile(took, 0.5), nil
}

// version is of the program that is measured.
func (l *lab) version(ctx context.Context) (string, error) {
	var v struct{ Version string }
	err := output(ctx, &v, l.onsale, nil, "version", "--json")
	return v.Version, err
}
