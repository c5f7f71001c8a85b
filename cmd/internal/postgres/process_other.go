//go:build unix && !linux

package postgres

import (
	"os/exec"
	"strconv"
	"strings"
)

// arguments returns the command line of a process, cut at each space, or nil
// when there is no such process or it has ended and only waits to be reaped.
func arguments(pid int) []string {
	text, err := exec.Command("ps", "-ww", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	if err != nil || strings.Contains(string(text), "<defunct>") {
		return nil
	}
	return strings.Fields(string(text))
}
