package child_test

import (
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"onsale/scripts/internal/child"
)

// parentOf, set in the environment of the test program, makes it a parent that starts the named command and waits for it.
const parentOf = "CHILD_TEST_PARENT_OF"

func TestMain(m *testing.M) {
	if command := os.Getenv(parentOf); command != "" {
		beParent(command)
		return
	}
	os.Exit(m.Run())
}

func beParent(command string) {
	cmd := exec.Command(command, "1000")
	cmd.ExtraFiles = []*os.File{os.NewFile(3, "held")}
	p, err := child.Start(cmd)
	if err != nil {
		panic(err)
	}
	os.Stdout.WriteString("started\n")
	<-p.Done()
}

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
	if _, err := io.ReadFull(told, make([]byte, len("started\n"))); err != nil {
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
	cmd.Stdout = &child.Lines{Each: func(line string) {
		if strings.Contains(line, "ready") {
			close(ready)
		}
	}}
	p, err := child.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	<-ready
	if err := p.Stop(time.Millisecond); err != child.ErrWouldNotStop {
		t.Error(err)
	}
	<-p.Done()
}

func TestWhatIsPausedStopsToo(t *testing.T) {
	t.Parallel()
	p, err := child.Start(exec.Command("sleep", "1000"))
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	if err := p.Stop(time.Minute); err != nil || p.Err() == nil {
		t.Errorf("%v; it ended with %v, want a signal", err, p.Err())
	}
	if err := p.Signal(syscall.SIGCONT); err == nil {
		t.Error("one that has ended takes signals")
	}
}

func TestAProgramThatIsNotThereIsTold(t *testing.T) {
	t.Parallel()
	if _, err := child.Start(exec.Command("/nowhere/nothing")); err == nil {
		t.Error("no error")
	}
	if _, err := child.Output(exec.Command("/nowhere/nothing")); err == nil {
		t.Error("no error")
	}
}

func TestEveryWholeLineIsHandedOnOnce(t *testing.T) {
	t.Parallel()
	var got []string
	cmd := exec.Command("printf", `one\n\nthree\nhalf`)
	cmd.Stdout = &child.Lines{Each: func(line string) { got = append(got, line) }}
	p, err := child.Start(cmd)
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	if want := []string{"one", "", "three"}; p.Err() != nil || !slices.Equal(got, want) {
		t.Errorf("%q, %v, want %q", got, p.Err(), want)
	}
	parts := &child.Lines{Each: func(line string) { got = append(got, line) }}
	for _, part := range []string{"a", "b\nc", "\n"} {
		if n, err := parts.Write([]byte(part)); n != len(part) || err != nil {
			t.Errorf("%d, %v", n, err)
		}
	}
	if want := []string{"ab", "c"}; !slices.Equal(got[3:], want) {
		t.Errorf("%q, want %q", got[3:], want)
	}
}
