package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"onsale/scripts/internal/child"
)

const (
	startTimeout = time.Minute
	stopTimeout  = 30 * time.Second
)

// process is a program that runs beside us until stop, and ends when we are killed. What it writes to standard error goes to a
// file.
type process struct {
	*child.Process
	name  string
	log   string
	lines chan string // of its standard output; those too many for the channel are dropped
}

// start starts a program in the folder dir, with settings above our environment. name is for people, and for its log.
func (l *lab) start(name, dir string, settings []string, program string, args ...string) (*process, error) {
	log, err := os.CreateTemp(l.dir, strings.ReplaceAll(name, " ", "-")+"-*.log")
	if err != nil {
		return nil, err
	}
	defer log.Close() // the process has its own
	p := &process{name: name, log: log.Name(), lines: make(chan string, 64)}
	cmd := prepared(context.Background(), program, args...) // stop ends it
	cmd.Dir, cmd.Stderr = dir, log
	cmd.Env = append(cmd.Env, settings...)
	cmd.Stdout = &child.Lines{Each: func(line string) {
		select {
		case p.lines <- line:
		default:
		}
	}}
	if p.Process, err = child.Start(cmd); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// prepared has our environment without what would set up a server otherwise than we mean it. The end of ctx kills it.
func prepared(ctx context.Context, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(setting string) bool {
		name, _, _ := strings.Cut(setting, "=")
		return name != "PATH" && name != "HOME" && name != "TMPDIR" && name != "ONSALE_POSTGRES_BIN" && !strings.HasPrefix(name, "GO")
	})
	return cmd
}

// line waits for a line of the process's output that has this in it.
func (p *process) line(ctx context.Context, with string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for {
		select {
		case line := <-p.lines:
			if strings.Contains(line, with) {
				return line, nil
			}
		case <-p.Done():
			if len(p.lines) > 0 {
				continue
			}
			return "", fmt.Errorf("%s has ended: %s", p.name, p.tail())
		case <-ctx.Done():
			return "", fmt.Errorf("start %s: %w: %s", p.name, ctx.Err(), p.tail())
		}
	}
}

// tail is the end of what the process said.
func (p *process) tail() string {
	text, _ := os.ReadFile(p.log)
	return string(text[max(0, len(text)-2000):])
}

// pause stops the process where it is, or lets it go on.
func (p *process) pause(stopped bool) error {
	signal := syscall.SIGCONT
	if stopped {
		signal = syscall.SIGSTOP
	}
	if err := p.Signal(signal); err != nil {
		return fmt.Errorf("%s has ended: %w: %s", p.name, err, p.tail())
	}
	return nil
}

// stop ends the process in order, or by force when that takes long. An end by itself, or in error, is told.
func (p *process) stop() error {
	err := p.Stop(stopTimeout)
	if err == nil {
		err = p.Err()
	}
	if err != nil {
		return fmt.Errorf("%s: %w: %s", p.name, err, p.tail())
	}
	return nil
}

// role runs this program in another role to its end: the job is given to it as JSON, and it gives its result as JSON. The end
// of ctx kills it.
func (l *lab) role(ctx context.Context, name string, job, result any) error {
	input, err := json.Marshal(job)
	if err != nil {
		return err
	}
	return output(ctx, result, l.self, bytes.NewReader(input), name)
}

// output runs a program to its end and reads what it prints, which is JSON.
func output(ctx context.Context, into any, program string, input io.Reader, args ...string) error {
	cmd := prepared(ctx, program, args...)
	cmd.Stdin = input
	out, err := child.Output(cmd)
	if failed, ok := errors.AsType[*exec.ExitError](err); ok {
		return fmt.Errorf("%s: %w: %s", strings.Join(args, " "), err, strings.TrimSpace(string(failed.Stderr)))
	}
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return json.Unmarshal(out, into)
}

// freePort is a port of the loopback that nobody listens on just now.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}

// build makes the program of a package of ours.
func build(ctx context.Context, dir, name string) (file string, err error) {
	file = filepath.Join(dir, name)
	if said, err := exec.CommandContext(ctx, "go", "build", "-buildvcs=auto", "-o", file, "onsale/cmd/"+name).CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w: %s", err, said)
	}
	return file, nil
}
