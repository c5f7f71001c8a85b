package postgres

import (
	"os"
	"strconv"
	"strings"
)

// arguments returns the command line of a process, or nil when there is no
// such process or it has ended and only waits to be reaped.
func arguments(pid int) []string {
	text, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
	if err != nil || len(text) == 0 {
		return nil
	}
	return strings.Split(strings.TrimSuffix(string(text), "\x00"), "\x00")
}
