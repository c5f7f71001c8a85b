// Command findpostgres tells by its exit code whether there is a PostgreSQL that Onsale could run privately: 0 yes, 3 no, 1 it could
// not find out. On 3 and 1 standard error says why. The Makefile asks it, and builds it first: go run makes every exit code a 1.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"onsale/cmd/internal/postgres"
)

// Exit codes.
const (
	exitFound   = 0
	exitFailed  = 1
	exitMissing = 3
)

func main() { os.Exit(run(os.Getenv("ONSALE_POSTGRES_BIN"), os.Stderr)) }

// run looks in the folder bin, or with none wherever a PostgreSQL may be, and returns the exit code.
func run(bin string, stderr io.Writer) int {
	err := postgres.Available(bin)
	if err == nil {
		return exitFound
	}
	fmt.Fprintln(stderr, err)
	if errors.Is(err, postgres.ErrNotInstalled) {
		return exitMissing
	}
	return exitFailed
}
