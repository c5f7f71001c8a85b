package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// How long the engine may take: to build the image where nothing is cached, and for anything else.
const (
	buildTimeout = 30 * time.Minute
	callTimeout  = 5 * time.Minute
	healthyAfter = "240" // seconds
)

// A project is a copy of all that docker-compose.yml describes, apart from any other on the same engine.
type project struct {
	name    string
	compose []string // the command: docker compose, or docker-compose
	environ []string
	image   string
	api     string // URLs; that of the load balancer has the API below /api
	web     string
	lb      string
	sold    ledger
}

// A noEngineError says why there is no engine to test with.
type noEngineError struct{ why string }

func (e *noEngineError) Error() string { return e.why }

func newProject(ctx context.Context) (*project, error) {
	if _, err := os.Stat("docker-compose.yml"); err != nil {
		return nil, errors.New("there is no docker-compose.yml here: run it from the root of the repository")
	}
	id := strings.ToLower(rand.Text()[:8])
	p := &project{name: "onsale-test-" + id, image: "onsale-test:" + id}
	p.environ = inherited()
	if _, err := p.call(ctx, callTimeout, "docker", "info"); err != nil {
		return nil, &noEngineError{lastLine(err)}
	}
	for _, command := range [][]string{{"docker", "compose"}, {"docker-compose"}} {
		if _, err := p.call(ctx, callTimeout, append(command, "version")...); err == nil {
			p.compose = append(command, "--ansi", "never", "--env-file", os.DevNull, "--project-name", p.name, "--profile", "scale")
			break
		}
	}
	if p.compose == nil {
		return nil, &noEngineError{"there is an engine but no compose"}
	}
	ports, err := freePorts(3)
	if err != nil {
		return nil, err
	}
	at := func(i int) string { return "http://localhost:" + strconv.Itoa(ports[i]) }
	p.api, p.web, p.lb = at(0), at(1), at(2)
	p.environ = append(p.environ,
		fmt.Sprintf("API_PORT=%d", ports[0]), fmt.Sprintf("WEB_PORT=%d", ports[1]), fmt.Sprintf("LB_PORT=%d", ports[2]),
		"ONSALE_IMAGE="+p.image, "VERSION="+p.name, "PAYMENT_DELAY=500ms",
	)
	return p, nil
}

// inherited are the variables that programs need, and those of the engine. What else is set might be a setting of Onsale.
func inherited() (kept []string) {
	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		switch {
		case name == "PATH", name == "HOME", name == "TMPDIR", strings.HasPrefix(name, "DOCKER_"), strings.HasPrefix(name, "XDG_"),
			strings.HasPrefix(name, "GO"), strings.HasSuffix(strings.ToLower(name), "_proxy"):
			kept = append(kept, variable)
		}
	}
	return kept
}

// freePorts finds ports of this machine that nobody listens on. Somebody may before we do: then the test fails, and says so.
func freePorts(n int) (ports []int, err error) {
	for range n {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return nil, fmt.Errorf("find a free port: %w", err)
		}
		defer l.Close() // only now, so that all of them differ
		ports = append(ports, l.Addr().(*net.TCPAddr).Port)
	}
	return ports, nil
}

// call runs a program to its end and returns what it wrote. The error has that too.
func (p *project) call(ctx context.Context, limit time.Duration, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	var out bytes.Buffer
	cmd.Env, cmd.Stdout, cmd.Stderr = p.environ, &out, &out
	if err := cmd.Run(); err != nil {
		return out.String(), fmt.Errorf("%s: %w\n%s", strings.Join(args, " "), err, end(out.String()))
	}
	return out.String(), nil
}

func (p *project) do(ctx context.Context, args ...string) (string, error) {
	return p.call(ctx, callTimeout, append(append([]string{}, p.compose...), args...)...)
}

// up starts what is named and does not run, and waits until it is healthy.
func (p *project) up(ctx context.Context, services ...string) error {
	_, err := p.do(ctx, append([]string{"up", "--detach", "--wait", "--wait-timeout", healthyAfter}, services...)...)
	return err
}

func (p *project) build(ctx context.Context) error {
	_, err := p.call(ctx, buildTimeout, append(append([]string{}, p.compose...), "build", "api", "web")...)
	return err
}

// kill ends a service's containers as a power cut would.
func (p *project) kill(ctx context.Context, service string) error {
	_, err := p.do(ctx, "kill", "--signal", "KILL", service)
	return err
}

// containers returns the ids of a service's running containers.
func (p *project) containers(ctx context.Context, service string) ([]string, error) {
	out, err := p.do(ctx, "ps", "--quiet", service)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(out) == "" {
		return nil, fmt.Errorf("%s does not run", service)
	}
	return strings.Fields(out), nil
}

// needs skips a step where an image can neither be found nor pulled.
func (p *project) needs(ctx context.Context, services ...string) error {
	for _, service := range services {
		out, err := p.do(ctx, "config", "--images", service)
		if err != nil {
			return err
		}
		for image := range strings.FieldsSeq(out) {
			if _, err := p.call(ctx, callTimeout, "docker", "image", "inspect", image); err == nil || image == p.image {
				continue
			}
			if _, err := p.call(ctx, callTimeout, "docker", "pull", image); err != nil {
				return &skippedError{"the image " + image + " cannot be had"}
			}
		}
	}
	return nil
}

func (p *project) logs(ctx context.Context) string {
	state, _ := p.do(ctx, "ps", "--all")
	lines, _ := p.do(ctx, "logs", "--no-color", "--tail", "20")
	return state + "\n" + lines
}

// remove leaves nothing behind but what the engine keeps of a build.
func (p *project) remove(ctx context.Context) error {
	_, err := p.do(ctx, "down", "--volumes", "--remove-orphans", "--timeout", "60")
	_, gone := p.call(ctx, callTimeout, "docker", "image", "rm", "--force", p.image)
	return errors.Join(err, gone)
}

// end returns the last lines of what a program wrote.
func end(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-60):], "\n")
}

func lastLine(err error) string {
	text := strings.TrimSpace(err.Error())
	return strings.TrimSpace(text[strings.LastIndex(text, "\n")+1:])
}
