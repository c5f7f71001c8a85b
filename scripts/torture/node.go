package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"onsale/scripts/internal/child"
)

// A node is one onsale serve, started again whenever it ends, as a supervisor would.
type node struct {
	name    string
	program string
	dir     string
	log     io.WriteCloser
	env     []string
	clients *link // from clients to the node
	store   *link // from the node to PostgreSQL
	clock   *skew

	mu      sync.Mutex
	process *child.Process
	down    chan struct{} // while the node is to stay down; closed when it may come up
	stopped bool

	up         chan struct{} // closed when it has listened for the first time
	supervised sync.WaitGroup
}

// notForwarded is how a load balancer answers for a server that it did not reach.
const notForwarded = "HTTP/1.1 502 Bad Gateway\r\nX-Not-Forwarded: 1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

// restartPause keeps a node that cannot start from spinning.
const restartPause = 100 * time.Millisecond

func openNode(ctx context.Context, name string, s setup, d *database, now func() time.Duration) (n *node, err error) {
	n = &node{name: name, program: d.program, dir: d.dir, up: make(chan struct{})}
	if n.clients, err = newLink(ctx, []byte(notForwarded), false); err != nil {
		return n, err
	}
	if n.store, err = newLink(ctx, nil, true); err != nil {
		return n, err
	}
	n.store.forward("unix", d.socket())
	if n.clock, err = newSkew(filepath.Join(d.dir, name+".offset"), now); err != nil {
		return n, err
	}
	if n.log, err = os.OpenFile(filepath.Join(d.dir, name+".log"), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600); err != nil {
		return n, err
	}
	n.env = append(environment(),
		"DATABASE_URL=postgres://onsale@"+n.store.addr()+"/"+s.database+"?sslmode=disable",
		"API_PORT=0", "WEB_PORT=0", "ADMIN_PORT=0", "RATE_LIMIT=off",
		"PAYMENT_DELAY="+s.payment.String(), "HOLD_TTL="+s.holdTTL.String(),
		"ONSALE_CLOCK_OFFSET="+n.clock.path)
	n.supervised.Go(n.supervise)
	return n, nil
}

func (n *node) supervise() {
	for {
		n.mu.Lock()
		down, stopped := n.down, n.stopped
		n.mu.Unlock()
		if stopped {
			return
		}
		if down != nil {
			<-down
			continue
		}
		p, err := n.start()
		if err == nil {
			<-p.Done()
		}
		n.clients.forward("", "")
		time.Sleep(restartPause)
	}
}

func (n *node) start() (*child.Process, error) {
	cmd := exec.Command(n.program, "serve")
	cmd.Dir, cmd.Env, cmd.Stderr = n.dir, n.env, n.log
	cmd.Stdout = &child.Lines{Each: func(line string) {
		if _, address, found := strings.Cut(line, "  API        "); found {
			n.listens(address)
		}
	}}
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.stopped || n.down != nil {
		return nil, context.Canceled
	}
	p, err := child.Start(cmd)
	if err != nil {
		return nil, err
	}
	n.process = p
	return p, nil
}

// listens hears from the node where it serves.
func (n *node) listens(line string) {
	fields := strings.Fields(line)
	if len(fields) == 0 {
		return
	}
	address, err := url.Parse(fields[0])
	if err != nil {
		return
	}
	n.clients.forward("tcp", "127.0.0.1:"+address.Port())
	select {
	case <-n.up:
	default:
		close(n.up)
	}
}

func (n *node) signal(s syscall.Signal) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.process != nil {
		_ = n.process.Signal(s) // one that has ended hears nothing
	}
}

// shows waits until the node shows the event as it was at a position of the log, or later.
func (n *node) shows(ctx context.Context, e *event, position int64) error {
	c := &client{address: n.clients.addr()}
	defer c.hangUp()
	for {
		r := c.do(http.MethodGet, "/events/"+e.id, e.buyers[0].token, map[string]string{"Onsale-Position": strconv.FormatInt(position, 10)}, nil)
		if r.err == nil && r.status == http.StatusOK {
			return nil
		}
		wait(ctx, 50*time.Millisecond)
		if ctx.Err() != nil {
			return fmt.Errorf("%s does not answer well: status %d %s: %w", n.name, r.status, r.body, errors.Join(r.err, ctx.Err()))
		}
	}
}

// crash kills the node, and lets it come up again after the pause, or when ctx ends.
func (n *node) crash(ctx context.Context, pause time.Duration) {
	n.mu.Lock()
	down := make(chan struct{})
	n.down = down
	p := n.process
	n.mu.Unlock()
	if p != nil {
		p.Kill()
	}
	wait(ctx, pause)
	n.mu.Lock()
	n.down = nil
	n.mu.Unlock()
	close(down)
}

// drain lets the node finish what it has and waits for it, or for 40 s.
func (n *node) drain() error {
	n.mu.Lock()
	n.stopped = true
	p := n.process
	n.mu.Unlock()
	var err error
	if p != nil {
		if err = p.Stop(40 * time.Second); err != nil {
			err = fmt.Errorf("node %s: %w", n.name, err)
		}
	}
	n.supervised.Wait()
	return err
}

// close kills the node if it is still there, and ends its links.
func (n *node) close() {
	n.mu.Lock()
	n.stopped = true
	p := n.process
	n.mu.Unlock()
	if p != nil {
		p.Kill()
	}
	n.supervised.Wait()
	for _, l := range []*link{n.clients, n.store} {
		if l != nil {
			l.close()
		}
	}
	if n.log != nil {
		n.log.Close()
	}
}

// wait returns after d, or when ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
