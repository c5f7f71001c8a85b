package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// A process is a child that ends when we do, however we end.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
}

// launch starts cmd on a thread that lives as long as the child: the kernel takes the end of that thread for ours.
func launch(cmd *exec.Cmd) (*process, error) {
	cmd.WaitDelay = time.Second
	if cmd.SysProcAttr == nil {
		cmd.SysProcAttr = new(syscall.SysProcAttr)
	}
	cmd.SysProcAttr.Setpgid = true // Ctrl-C is for us, who end them in order
	dieWithParent(cmd.SysProcAttr)
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		defer close(p.done)
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait() // that it has ended is all there is to know
		}
	}()
	return p, <-started
}

func (p *process) signal(s os.Signal) { _ = p.cmd.Process.Signal(s) } // one that has ended hears nothing

// kill ends it without a word and waits.
func (p *process) kill() {
	p.signal(syscall.SIGKILL)
	<-p.done
}

var errWouldNotStop = errors.New("did not stop in time when asked to, and was killed")

// stop asks it to end, and kills it when it takes too long.
func (p *process) stop(patience time.Duration) error {
	p.signal(syscall.SIGTERM)
	select {
	case <-p.done:
		return nil
	case <-time.After(patience):
		p.kill()
		return errWouldNotStop
	}
}

// lines hands each line that is written to it to a function.
type lines struct {
	each func(string)
	part []byte
}

func (l *lines) Write(b []byte) (int, error) {
	l.part = append(l.part, b...)
	for {
		line, rest, found := bytes.Cut(l.part, []byte("\n"))
		if !found {
			return len(b), nil
		}
		l.each(string(line))
		l.part = rest
	}
}
