package eventstoretest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"syscall"
	"testing"
)

// A Line carries connections to a server, and can be cut. A server whose line is cut gets what has passed until then, and
// then the end: it finishes what it has whole, and its answer goes nowhere. The client finds the connection ended.
type Line struct {
	mu     sync.Mutex
	down   bool
	limits func() (toServer, toClient int)
	lines  []*connection
	pumps  sync.WaitGroup
}

// Unlimited lets any number of bytes pass.
const Unlimited = -1

// NewLine returns a line that is whole. It ends, with its connections, when the test does.
func NewLine(t testing.TB) *Line {
	l := &Line{}
	t.Cleanup(func() {
		l.Down()
		l.mu.Lock()
		for _, c := range l.lines {
			c.cut()
		}
		l.mu.Unlock()
		l.pumps.Wait()
	})
	return l
}

// Dial connects to a server over the line. It is what a pgx configuration has as its DialFunc.
func (l *Line) Dial(ctx context.Context, network, address string) (net.Conn, error) {
	var dialer net.Dialer
	server, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	ours, theirs, err := socketPair()
	if err != nil {
		server.Close()
		return nil, err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.down {
		return nil, errors.Join(errors.New("the line is down"), ours.Close(), theirs.Close(), server.Close())
	}
	c := &connection{client: ours, server: server, toServer: Unlimited, toClient: Unlimited,
		gone: make(chan struct{}), ended: make(chan struct{})}
	if l.limits != nil {
		c.toServer, c.toClient = l.limits()
	}
	l.lines = append(l.lines, c)
	l.pumps.Go(c.pumpToServer)
	l.pumps.Go(c.pumpToClient)
	return theirs, nil
}

// CutAfter has each open connection cut as soon as so many more bytes have passed in a direction. With 0 it is cut at the
// next byte, which does not pass.
func (l *Line) CutAfter(toServer, toClient int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.lines {
		c.limit(toServer, toClient)
	}
}

// Limit asks for the limits, as of [Line.CutAfter], of each connection that is yet to be made.
func (l *Line) Limit(limits func() (toServer, toClient int)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.limits = limits
}

// Down lets no more connections be made.
func (l *Line) Down() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.down = true
}

// Carried tells how many bytes have passed so far.
func (l *Line) Carried() (toServer, toClient int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, c := range l.lines {
		c.mu.Lock()
		toServer, toClient = toServer+c.sent, toClient+c.received
		c.mu.Unlock()
	}
	return toServer, toClient
}

// Settle waits until the server is done with the connections that were cut or that the client has closed: what they asked
// for has happened by then, or never will.
func (l *Line) Settle(ctx context.Context) error {
	l.mu.Lock()
	lines := l.lines
	l.mu.Unlock()
	for _, c := range lines {
		select {
		case <-c.gone:
		default:
			continue
		}
		select {
		case <-c.ended:
		case <-ctx.Done():
			return fmt.Errorf("the server is still at it: %w", ctx.Err())
		}
	}
	return nil
}

// A connection is one client's, over the line.
type connection struct {
	client, server net.Conn

	mu                 sync.Mutex
	toServer, toClient int // bytes that may yet pass
	sent, received     int
	gone               chan struct{} // closed when the client has no connection any more
	ended              chan struct{} // closed when the server has let go
}

func (c *connection) limit(toServer, toClient int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.toServer, c.toClient = toServer, toClient
}

// cut ends the client's side, and tells the server that no more will come.
func (c *connection) cut() {
	c.mu.Lock()
	defer c.mu.Unlock()
	select {
	case <-c.gone:
		return
	default:
	}
	close(c.gone)
	c.client.Close()
	c.server.(interface{ CloseWrite() error }).CloseWrite()
}

func (c *connection) pumpToServer() {
	defer c.cut()
	buffer := make([]byte, 1<<16)
	for {
		n, err := c.client.Read(buffer)
		if err != nil {
			return
		}
		n, last := c.pass(n, &c.toServer, &c.sent)
		if _, err := c.server.Write(buffer[:n]); err != nil || last {
			return
		}
	}
}

// pumpToClient goes on after a cut until the server is done.
func (c *connection) pumpToClient() {
	defer close(c.ended)
	defer c.server.Close()
	defer c.cut()
	buffer := make([]byte, 1<<16)
	for {
		n, err := c.server.Read(buffer)
		if err != nil {
			return
		}
		n, last := c.pass(n, &c.toClient, &c.received)
		if _, err := c.client.Write(buffer[:n]); err != nil || last {
			c.cut()
		}
	}
}

// pass tells how many of n bytes may pass, and whether they are the last.
func (c *connection) pass(n int, limit, passed *int) (allowed int, last bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if *limit != Unlimited {
		last = n >= *limit
		n = min(n, *limit)
		*limit -= n
	}
	*passed += n
	return n, last
}

// socketPair returns two ends that are connected.
func socketPair() (a, b net.Conn, err error) {
	syscall.ForkLock.RLock() // so that no child process holds an end open
	ends, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err == nil {
		syscall.CloseOnExec(ends[0])
		syscall.CloseOnExec(ends[1])
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return nil, nil, fmt.Errorf("make a pair of sockets: %w", err)
	}
	if a, err = conn(ends[0]); err != nil {
		return nil, nil, errors.Join(err, syscall.Close(ends[1]))
	}
	if b, err = conn(ends[1]); err != nil {
		return nil, nil, errors.Join(err, a.Close())
	}
	return a, b, nil
}

func conn(end int) (net.Conn, error) {
	file := os.NewFile(uintptr(end), "line")
	defer file.Close() // of which FileConn has made a copy
	return net.FileConn(file)
}
