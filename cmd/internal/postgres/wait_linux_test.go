package postgres

import (
	"errors"
	"os"
	"runtime"
	"strconv"
	"testing"

	"golang.org/x/sys/unix"
)

// waitForEnd waits until a process that is not ours has ended.
func waitForEnd(t *testing.T, pid int) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if errors.Is(err, unix.ESRCH) {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	const aMinute = 60_000 // milliseconds
	for {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, aMinute)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if n != 1 || err != nil {
			t.Fatalf("process %d lives on: %v", pid, err)
		}
		return
	}
}

// A thread may end long before its process, and the kernel takes it for the parent.
func TestServerOutlivesTheThreadThatCalledStart(t *testing.T) {
	t.Parallel()
	options := quiet(usedDir(t))
	var server *Server
	var err error
	thread := make(chan int)
	go onThreadThatEnds(func() {
		server, err = Start(t.Context(), options)
		thread <- unix.Gettid()
	})
	id := <-thread
	if err != nil {
		t.Fatal(err)
	}
	defer stop(t, server)
	for alive := error(nil); alive == nil; runtime.Gosched() {
		_, alive = os.Stat("/proc/self/task/" + strconv.Itoa(id))
	}
	if got := ask(t, server.DSN(), "SELECT 'alive'"); got != "alive" {
		t.Errorf("got %q", got)
	}
}

// onThreadThatEnds runs f on a thread of its own, which is to be any but the
// main thread: Go lets that one go on for ever.
func onThreadThatEnds(f func()) {
	runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
	if unix.Gettid() != os.Getpid() {
		f()
		return
	}
	defer runtime.UnlockOSThread()
	done := make(chan struct{})
	go func() {
		defer close(done)
		onThreadThatEnds(f)
	}()
	<-done
}
