package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// leftBehind is how long the output of a process is still read when it has
// ended but children of its hold its output open.
const leftBehind = 5 * time.Second

// askAgain is how soon a server that is starting is asked once more to stop.
const askAgain = 100 * time.Millisecond

// start starts cmd on a thread that lives as long as the process: when that
// thread ends the kernel takes us for dead. The channel carries what Wait
// returned, once.
func start(cmd *exec.Cmd) (<-chan error, error) {
	cmd.WaitDelay = leftBehind
	started, ended := make(chan error, 1), make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			ended <- cmd.Wait()
		}
	}()
	return ended, <-started
}

// run runs cmd to its end.
func run(cmd *exec.Cmd) error {
	ended, err := start(cmd)
	if err != nil {
		return err
	}
	return <-ended
}

// child is a postmaster that we started.
type child struct {
	cmd    *exec.Cmd
	output *output
	exited chan struct{}
	err    error // readable once exited is closed: nil when it ended as asked
}

// launch starts the server and returns once it is ready. A server that was
// killed may leave sessions that live on for the statement they are in, and a
// program that was killed a server that had not yet written its pid. PostgreSQL
// sees both and gives up at once; launch waits some seconds for them to end.
func launch(ctx context.Context, where place, bin install, settings []string, log *slog.Logger) (*child, error) {
	for tries := 1; ; tries++ {
		c, err := spawn(where, bin, settings, log)
		if err != nil {
			return nil, err
		}
		select {
		case <-c.output.ready:
			return c, nil
		case <-ctx.Done():
			c.end()
			return nil, ctx.Err()
		case <-c.exited:
		}
		said := c.output.tail()
		leftover := strings.Contains(said, "pre-existing shared memory block") || strings.Contains(said, `"postmaster.pid" already exists`)
		if !leftover || tries == 100 {
			return nil, fmt.Errorf("the server gave up: %s", said)
		}
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return nil, fmt.Errorf("%w: %s", ctx.Err(), said)
		}
		if err := stopOrphan(ctx, where.data()); err != nil {
			return nil, err
		}
	}
}

func spawn(where place, bin install, settings []string, log *slog.Logger) (*child, error) {
	c := &child{output: newOutput(log), exited: make(chan struct{})}
	c.cmd = exec.Command(filepath.Join(bin.dir, "postgres"), append([]string{"-D", where.data()}, settings...)...)
	c.cmd.Dir = where.data()
	c.cmd.Env = environment()
	c.cmd.Stdout, c.cmd.Stderr = c.output, c.output
	where.who.become(c.cmd, syscall.SIGINT)
	ended, err := start(c.cmd)
	if err != nil {
		return nil, err
	}
	go func() {
		if err := <-ended; err != nil {
			c.err = fmt.Errorf("%w: %s", err, c.output.tail())
		}
		close(c.exited)
	}()
	return c, nil
}

// end asks for PostgreSQL's fast shutdown until the server has ended. One that
// has only just been started may not hear the first time: where the program
// was itself started to ignore SIGINT, as shells do with what they start in
// the background, so does the server until it has set itself up.
func (c *child) end() {
	again := time.NewTicker(askAgain)
	defer again.Stop()
	for {
		c.interrupt()
		select {
		case <-c.exited:
			return
		case <-again.C:
		}
	}
}

// interrupt asks for PostgreSQL's fast shutdown. To ask one that has ended is
// no error.
func (c *child) interrupt() {
	_ = c.cmd.Process.Signal(syscall.SIGINT)
}
