package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"sync"
	"time"
)

// A link carries connections between two parts of the system and does to them what networks do: it can be cut, be slow,
// and lose a reply of which the other side knows that it was sent.
type link struct {
	listener net.Listener
	refusal  []byte // what a connection is told that cannot be forwarded: nothing of it was; nil: it is closed
	postgres bool   // what is carried is PostgreSQL's protocol, and the replies that are lost are those of appends

	mu      sync.Mutex
	network string // where to forward to; empty: nowhere
	address string
	cut     bool
	delay   time.Duration
	losing  bool // the next reply is lost
	lost    int
	pipes   map[*pipe]struct{}
	closed  bool

	running sync.WaitGroup
}

// dialer reaches what is on this machine, or not at all.
var dialer = net.Dialer{Timeout: time.Second}

// newLink listens on a free loopback port. It forwards to nowhere until it is told where.
func newLink(ctx context.Context, refusal []byte, postgres bool) (*link, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	l := &link{listener: listener, refusal: refusal, postgres: postgres, pipes: make(map[*pipe]struct{})}
	l.running.Go(l.accept)
	return l, nil
}

// addr is where the link listens.
func (l *link) addr() string { return l.listener.Addr().String() }

// forward names what new connections are forwarded to.
func (l *link) forward(network, address string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.network, l.address = network, address
}

// setCut ends all connections and refuses new ones, or lets them be made again.
func (l *link) setCut(cut bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.cut = cut
	if cut {
		l.hangUp()
	}
}

// setDelay makes everything take so much longer, each way.
func (l *link) setDelay(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.delay = d
}

// lose has the next reply swallowed whole and its connection cut, or no more so. It returns how many were since it was
// called last.
func (l *link) lose(next bool) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.losing = next
	lost := l.lost
	l.lost = 0
	return lost
}

// close ends everything and waits for it.
func (l *link) close() {
	l.listener.Close()
	l.mu.Lock()
	l.closed = true
	l.hangUp()
	l.mu.Unlock()
	l.running.Wait()
}

func (l *link) hangUp() {
	for p := range l.pipes {
		p.close()
	}
}

func (l *link) accept() {
	for {
		client, err := l.listener.Accept()
		if err != nil {
			return
		}
		l.running.Go(func() { l.carry(client) })
	}
}

// carry forwards one connection until either side ends it.
func (l *link) carry(client net.Conn) {
	defer client.Close()
	l.mu.Lock()
	network, address, cut := l.network, l.address, l.cut
	l.mu.Unlock()
	var server net.Conn
	var err error
	if !cut && address != "" {
		server, err = dialer.DialContext(context.Background(), network, address)
	}
	if server == nil || err != nil {
		l.refuse(client)
		return
	}
	p := &pipe{link: l, client: client, server: server, frontend: newFrontend()}
	if !l.add(p) {
		p.close()
		return
	}
	defer l.remove(p)
	var back sync.WaitGroup
	back.Go(p.replies)
	p.requests()
	back.Wait()
}

// refuse reads what the client has to say, so that it hears the answer, and tells it that nothing was forwarded.
func (l *link) refuse(client net.Conn) {
	if l.refusal == nil {
		return
	}
	client.SetDeadline(time.Now().Add(time.Second))
	if _, err := client.Read(make([]byte, 64<<10)); err == nil {
		_, _ = client.Write(l.refusal)
	}
}

func (l *link) add(p *pipe) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cut || l.closed {
		return false
	}
	l.pipes[p] = struct{}{}
	return true
}

func (l *link) remove(p *pipe) {
	p.close()
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.pipes, p)
}

func (l *link) pause() {
	l.mu.Lock()
	d := l.delay
	l.mu.Unlock()
	if d > 0 {
		time.Sleep(d)
	}
}

// loses reports whether the reply that begins now is to be lost.
func (l *link) loses(p *pipe) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.losing || l.postgres && !p.frontend.appending.Load() {
		return false
	}
	l.losing = false
	l.lost++
	return true
}

// A pipe is one connection on its way.
type pipe struct {
	link           *link
	client, server net.Conn
	frontend       *frontend
}

func (p *pipe) close() {
	p.client.Close()
	p.server.Close()
}

func (p *pipe) requests() {
	defer p.close()
	p.pump(p.server, p.client, func(chunk []byte) bool {
		if p.link.postgres {
			p.frontend.read(chunk)
		}
		return true
	})
}

func (p *pipe) replies() {
	defer p.close()
	losing := false
	p.pump(p.client, p.server, func(chunk []byte) bool {
		losing = losing || p.link.loses(p)
		if !losing {
			return true
		}
		// PostgreSQL is ready for the next query only when what it was asked for is committed.
		if !p.link.postgres || bytes.HasSuffix(chunk, readyForQuery) {
			p.close()
		}
		return false
	})
}

// pump hands on what arrives, but for what see says no to.
func (p *pipe) pump(to io.Writer, from io.Reader, see func([]byte) bool) {
	buffer := make([]byte, 64<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 {
			p.link.pause()
			if see(buffer[:n]) {
				if _, err := to.Write(buffer[:n]); err != nil {
					return
				}
			}
		}
		if err != nil {
			return
		}
	}
}
