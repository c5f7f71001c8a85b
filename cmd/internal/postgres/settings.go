package postgres

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
)

const (
	mebibyte       = 1 << 20
	defaultClients = 100
)

// settings returns the server's settings as arguments. They are given at each
// start, over what the data folder's own files say, so that a new version of
// this program changes them for old data too.
func settings(options Options, bin install, socketFolder string) []string {
	clients := options.MaxConnections
	if clients == 0 {
		clients = defaultClients
	}
	durable := onOff(!options.Unsafe)
	pairs := [][2]string{
		{"listen_addresses", ""},
		{"port", port},
		{"unix_socket_directories", `"` + strings.ReplaceAll(socketFolder, `"`, `""`) + `"`},
		{"unix_socket_permissions", "0700"},
		{"max_connections", strconv.Itoa(clients)},

		{"fsync", durable},
		{"synchronous_commit", durable},
		{"full_page_writes", durable},
		{"wal_level", "replica"},
		{"wal_compression", "on"},
		{"min_wal_size", "256MB"},
		{"max_wal_size", "4GB"},
		{"checkpoint_timeout", "15min"},

		{"shared_buffers", fmt.Sprintf("%dMB", sharedBuffers(memory()))},
		{"huge_pages", "off"},
		{"jit", "off"},
		{"autovacuum", "on"},
		{"max_logical_replication_workers", "0"},

		{"timezone", "UTC"},
		{"log_timezone", "UTC"},
		{"lc_messages", "C"}, // readyLine is looked for

		// Neither values nor statements are logged: they may be personal.
		{"logging_collector", "off"},
		{"log_destination", "stderr"},
		{"log_line_prefix", linePrefix},
		{"log_error_verbosity", "terse"},
		{"log_min_error_statement", "panic"},
		{"log_statement", "none"},
		{"log_checkpoints", "off"},
	}
	if bin.has("pg_stat_statements") {
		pairs = append(pairs, [2]string{"shared_preload_libraries", "pg_stat_statements"})
	}
	if options.Unsafe { // a database is made for each test: 20 ms instead of 100
		pairs = append(pairs, [][2]string{
			{"wal_level", "minimal"}, {"max_wal_senders", "0"}, {"wal_compression", "off"}, {"min_wal_size", "32MB"},
		}...)
	}
	args := make([]string, 0, 2*len(pairs))
	for _, pair := range pairs {
		args = append(args, "-c", pair[0]+"="+pair[1])
	}
	return args
}

func onOff(on bool) string {
	if on {
		return "on"
	}
	return "off"
}

// sharedBuffers is how many MiB of a machine's memory, given in bytes, the
// server keeps pages in. Zero bytes means that nobody knows.
func sharedBuffers(bytes int64) int64 {
	if bytes == 0 {
		return 256
	}
	return max(32, min(256, bytes/8/mebibyte))
}

// memory returns how many bytes the machine, or the container, has; zero
// where Linux's files do not tell.
func memory() int64 {
	least := int64(0)
	note := func(n int64) {
		if n > 0 && (least == 0 || n < least) {
			least = n
		}
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == "MemTotal:" {
				n, _ := strconv.ParseInt(fields[1], 10, 64)
				note(n << 10)
			}
		}
	}
	if text, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
		n, _ := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64) // "max" is no number and no limit
		note(n)
	}
	return least
}

// environment returns ours without what would change the server's mind.
func environment() []string {
	keep := slices.DeleteFunc(os.Environ(), func(pair string) bool {
		name, _, _ := strings.Cut(pair, "=")
		return strings.HasPrefix(name, "PG") || strings.HasPrefix(name, "LC_") ||
			name == "LANG" || name == "LANGUAGE" || name == "TZ" || name == "DATABASE_URL" || strings.HasSuffix(name, "_SECRET")
	})
	return append(keep, "LC_ALL=C", "TZ=UTC")
}
