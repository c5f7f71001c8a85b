// Package child starts programs that end when we do, however we end, and stops them in order before that. Where the kernel is not
// Linux, they live on when we are killed.
package child

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// A Process is a program that was started. Its methods are safe for concurrent use.
type Process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // readable once done is closed
}

// outputTime is how long the output of a process is still read when it has ended but children of its hold it open.
const outputTime = time.Second

// Start starts cmd, which gets no Ctrl-C of ours: who starts it stops it.
func Start(cmd *exec.Cmd) (*Process, error) {
	cmd.WaitDelay = outputTime
	tie(cmd)
	p := &Process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // the kernel takes the end of the thread that started a child for ours
		defer runtime.UnlockOSThread()
		defer close(p.done)
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
		}
	}()
	return p, <-started
}

// Output runs cmd to its end, as [exec.Cmd.Output] does.
func Output(cmd *exec.Cmd) ([]byte, error) {
	tie(cmd)
	runtime.LockOSThread() // see Start
	defer runtime.UnlockOSThread()
	return cmd.Output()
}

func tie(cmd *exec.Cmd) {
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	cmd.SysProcAttr.Setpgid = true
	dieWithParent(cmd.SysProcAttr)
}

// Pid is its process id.
func (p *Process) Pid() int { return p.cmd.Process.Pid }

// Done is closed when it has ended and all that it wrote was taken.
func (p *Process) Done() <-chan struct{} { return p.done }

// Err is how it ended, once Done is closed: see [exec.Cmd.Wait].
func (p *Process) Err() error { return p.err }

// Signal sends it a signal. An error says that it has ended.
func (p *Process) Signal(s os.Signal) error { return p.cmd.Process.Signal(s) }

// Kill ends it without a word, and waits.
func (p *Process) Kill() {
	_ = p.Signal(syscall.SIGKILL) // one that has ended hears nothing
	<-p.done
}

// ErrWouldNotStop says that a process was killed in the end.
var ErrWouldNotStop = errors.New("did not stop in time when asked to, and was killed")

// Stop asks it to end, be it running or paused, and kills it when that takes too long.
func (p *Process) Stop(patience time.Duration) error {
	for _, signal := range []os.Signal{syscall.SIGCONT, syscall.SIGTERM} {
		_ = p.Signal(signal) // see Kill
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(patience):
		p.Kill()
		return ErrWouldNotStop
	}
}

// Lines hands each line that is written to it to a function, without its end. It is for the standard output of one process.
type Lines struct {
	Each func(string)
	part []byte
}

// Write never fails.
func (l *Lines) Write(b []byte) (int, error) {
	l.part = append(l.part, b...)
	for {
		line, rest, found := bytes.Cut(l.part, []byte("\n"))
		if !found {
			return len(b), nil
		}
		l.Each(string(line))
		l.part = rest
	}
}
