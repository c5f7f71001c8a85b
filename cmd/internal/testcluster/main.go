// Testcluster starts the PostgreSQL that the test processes of a `go test ./...`
// share, or joins the one that is running, and prints its address.
//
//	testcluster -dir FOLDER [-linger 15s]
//
// Whoever calls it must have declared FOLDER in use before, see
// migrationstest.Use, and only tests should: durability is off.
//
// The server belongs to a keeper, this same program started once more and left
// behind. When nobody has used the folder for the time of -linger it stops the
// server, deletes its data, and ends.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"onsale/cmd/internal/postgres"
)

// patience bounds the start of a server, on a machine that may be busy.
const patience = 50 * time.Second

func main() {
	folder := flag.String("dir", "", "where the server lives")
	linger := flag.Duration("linger", 15*time.Second, "how long the server outlives its last user")
	keeper := flag.Bool("keep", false, "be the keeper")
	flag.Parse()

	var err error
	if *keeper {
		err = keep(*folder, *linger)
	} else {
		var address string
		address, err = join(*folder, *linger)
		fmt.Println(address)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "testcluster:", err)
		os.Exit(1)
	}
}

// join returns the address of the server, once there is one. Of several keepers
// that are started at once all but one leave again.
func join(folder string, linger time.Duration) (string, error) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var ended <-chan error // of our keeper, if it runs
	for {
		address, ok, err := postgres.Running(ctx, server(folder))
		if ok || err != nil {
			return address, err
		}
		if ended == nil {
			if ended, err = leaveBehind(folder, linger); err != nil {
				return "", fmt.Errorf("start the keeper: %w", err)
			}
		}
		select {
		case err := <-ended:
			if err != nil {
				said, _ := os.ReadFile(logFile(folder))
				return "", fmt.Errorf("the keeper: %w: %s", err, said)
			}
			ended = nil
		case <-ctx.Done():
			return "", ctx.Err()
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// leaveBehind starts a keeper in a session of its own and with none of our
// files open: go test waits for whoever holds its output.
func leaveBehind(folder string, linger time.Duration) (<-chan error, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	log, err := os.OpenFile(logFile(folder), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(self, "-keep", "-dir", folder, "-linger", linger.String())
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }() // ends with the keeper, or with us
	return ended, nil
}

func server(folder string) string  { return filepath.Join(folder, "server") }
func logFile(folder string) string { return filepath.Join(folder, "log") }
