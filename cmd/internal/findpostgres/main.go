// Command findpostgres tells by its exit code whether there is a PostgreSQL that Onsale could run privately: 0 yes, 1 no, and
// then why. The Makefile asks it.
package main

import (
	"fmt"
	"os"

	"onsale/cmd/internal/postgres"
)

func main() {
	if err := postgres.Available(os.Getenv("ONSALE_POSTGRES_BIN")); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
