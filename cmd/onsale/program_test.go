package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// binary is the program under test, built once: these tests run the real thing.
var binary string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "onsale-program-")
		if err != nil {
			panic(err)
		}
		defer os.RemoveAll(dir)
		binary = filepath.Join(dir, "onsale")
		if out, err := exec.Command("go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
			panic(fmt.Sprintf("build the program: %v\n%s", err, out))
		}
		return m.Run()
	}())
}

// A program is a running onsale serve, or onsale web.
type program struct {
	t      *testing.T
	cmd    *exec.Cmd
	url    string // of the API
	web    string // of the dashboard
	output *lockedBuffer
	ended  chan struct{}
}

// settings are environment variables; with no DATABASE_URL among them the program runs a PostgreSQL of its own in its
// working directory.
type settings map[string]string

func (s settings) environ() []string {
	all := map[string]string{
		"API_PORT": "0", "WEB_PORT": "0", "ADMIN_PORT": "0", "PAYMENT_DELAY": "0", "RATE_LIMIT": "off",
		"JWT_ACCESS_SECRET": strings.Repeat("a", 32), "JWT_REFRESH_SECRET": strings.Repeat("r", 32),
		"PATH": os.Getenv("PATH"), "HOME": os.Getenv("HOME"), "TMPDIR": os.TempDir(),
	}
	maps.Copy(all, s)
	var environ []string
	for name, value := range all {
		environ = append(environ, name+"="+value)
	}
	return environ
}

var addresses = regexp.MustCompile(`Dashboard +(\S+)\n +API +(\S+)\s`)

// startProgram starts onsale serve in dir and returns when it serves.
func startProgram(t *testing.T, dir string, s settings) *program {
	t.Helper()
	return start(t, dir, s, "serve")
}

func start(t *testing.T, dir string, s settings, args ...string) *program {
	t.Helper()
	p := &program{t: t, output: &lockedBuffer{}, ended: make(chan struct{})}
	p.cmd = exec.Command(binary, args...)
	p.cmd.Dir, p.cmd.Env, p.cmd.Stderr = dir, s.environ(), p.output
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ready := make(chan []string, 1)
	go func() {
		defer close(p.ended)
		said := ""
		for lines := bufio.NewScanner(stdout); lines.Scan(); {
			said += lines.Text() + "\n"
			if found := addresses.FindStringSubmatch(said); found != nil {
				ready <- found
				said = ""
			}
		}
		p.cmd.Wait()
	}()
	t.Cleanup(func() { p.signal(os.Interrupt); <-p.ended })
	select {
	case found := <-ready:
		p.web, p.url = found[1], found[2]
	case <-p.ended:
		t.Fatalf("onsale %s ended: %v\n%s", args[0], p.cmd.ProcessState, p.output)
	case <-time.After(time.Minute):
		t.Fatalf("onsale %s does not serve\n%s", args[0], p.output)
	}
	return p
}

func (p *program) signal(s os.Signal) { p.cmd.Process.Signal(s) }

// kill ends the program as a power cut would, and waits for that.
func (p *program) kill() {
	p.signal(syscall.SIGKILL)
	<-p.ended
}

// stop asks the program to end and returns its exit code.
func (p *program) stop() int {
	p.signal(syscall.SIGTERM)
	<-p.ended
	return p.cmd.ProcessState.ExitCode()
}

// eventually asks until something is so, for a minute at most.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	for until := time.Now().Add(time.Minute); !so(); {
		if time.Now().After(until) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// runProgram runs another command of the program to its end.
func runProgram(t *testing.T, dir string, s settings, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), binary, args...)
	var out, err bytes.Buffer
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, s.environ(), &out, &err
	if e := cmd.Run(); e != nil && cmd.ProcessState == nil {
		t.Fatal(e)
	}
	return cmd.ProcessState.ExitCode(), out.String(), err.String()
}

// A client calls the API as one user.
type client struct {
	t        *testing.T
	url      string
	token    string
	position string // sent with each request, so that the answer is no older; empty: none
}

// answer is a status and the body as far as tests look into it.
type answer struct {
	Status  int         `json:"-"`
	Header  http.Header `json:"-"`
	Code    string
	Data    []json.RawMessage
	Booking struct{ ID, Status string }
	Event   struct {
		ID               string
		RemainingTickets int
	}
	User             struct{ ID string }
	AccessToken      string
	ID               string
	Title            string
	RemainingTickets int
	TotalTickets     int
	Version          int64
	Closed           bool
	Meta             struct{ Total int }
}

func (c client) call(method, path string, body any) answer {
	c.t.Helper()
	a, err := c.try(method, path, body)
	if err != nil {
		c.t.Fatal(err)
	}
	return a
}

func (c client) try(method, path string, body any) (answer, error) {
	text, err := json.Marshal(body)
	if err != nil {
		return answer{}, err
	}
	r, err := http.NewRequest(method, c.url+path, bytes.NewReader(text))
	if err != nil {
		return answer{}, err
	}
	if body == nil {
		r.Body = http.NoBody
	} else {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	if c.position != "" {
		r.Header.Set("Onsale-Position", c.position)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	a := answer{Status: response.StatusCode, Header: response.Header}
	text, err = io.ReadAll(response.Body)
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &a)
	}
	return a, err
}

// register makes a user and returns a client of theirs.
func (p *program) register(name string) client {
	p.t.Helper()
	c := client{t: p.t, url: p.url}
	a := c.call("POST", "/auth/register", map[string]string{
		"email": name + "@example.com", "password": "correct horse 1", "name": "A " + name,
	})
	if a.Status != http.StatusCreated {
		p.t.Fatalf("register %s: %+v", name, a)
	}
	c.token = a.AccessToken
	return c
}

// openEvent puts an event on sale and returns its id.
func (c client) openEvent(tickets int) string {
	c.t.Helper()
	a := c.call("POST", "/events", map[string]any{"title": "Concert", "totalTickets": tickets, "price": 10})
	if a.Status != http.StatusCreated {
		c.t.Fatalf("create an event: %+v", a)
	}
	return a.ID
}

func (c client) book(event string) answer {
	c.t.Helper()
	return c.call("POST", "/book", map[string]any{"eventId": event})
}

func (c client) remaining(event string) int {
	c.t.Helper()
	a := c.call("GET", "/events/"+event, nil)
	if a.Status != http.StatusOK {
		c.t.Fatalf("event: %+v", a)
	}
	return a.RemainingTickets
}

// A lockedBuffer is written by one goroutine and read by another.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
