package main

import (
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAChildEndsWithUsHoweverWeEnd(t *testing.T) {
	t.Parallel()
	held, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close()
	parent := exec.Command(os.Args[0])
	parent.Env = append(os.Environ(), parentOf+"=sleep")
	parent.ExtraFiles = []*os.File{write}
	told, err := parent.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := parent.Start(); err != nil {
		t.Fatal(err)
	}
	write.Close()
	if _, err := io.ReadFull(told, make([]byte, len("launched\n"))); err != nil {
		t.Fatal(err)
	}
	if err := parent.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = parent.Wait() // killed
	held.SetReadDeadline(time.Now().Add(10 * time.Second))
	if _, err := held.Read(make([]byte, 1)); err != io.EOF {
		t.Errorf("the child lives on: %v", err)
	}
}

func TestWhatWillNotStopIsKilled(t *testing.T) {
	t.Parallel()
	ready := make(chan struct{})
	cmd := exec.Command("sh", "-c", `trap "" TERM; echo ready; while :; do sleep 1; done`)
	cmd.Stdout = &lines{each: func(line string) {
		if strings.Contains(line, "ready") {
			close(ready)
		}
	}}
	p, err := launch(cmd)
	if err != nil {
		t.Fatal(err)
	}
	<-ready
	if err := p.stop(time.Millisecond); err != errWouldNotStop {
		t.Error(err)
	}
	<-p.done
}
