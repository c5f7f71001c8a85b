package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/valyala/fasthttp"
)

// client is one connection of the load generator. It has no pool, no time-outs and no retries: what is measured is the
// server.
type client struct {
	g        *generator
	pick     func() template
	conn     net.Conn
	in       *bufio.Reader
	out      *bufio.Writer
	request  fasthttp.Request
	response fasthttp.Response
	sent     int
	took     []time.Duration // of what counts
}

// dial opens all connections before the first request is sent. They are cut when ctx ends.
func (g *generator) dial(ctx context.Context) ([]*client, error) {
	var all []*client
	for i := range g.Clients {
		c, err := g.connect(ctx, i)
		if err != nil {
			hangUp(all)
			return nil, err
		}
		all = append(all, c)
	}
	return all, nil
}

// connect opens the connection number i, which is cut when ctx ends.
func (g *generator) connect(ctx context.Context, i int) (*client, error) {
	host := strings.TrimPrefix(g.URL, "http://")
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", host)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(ctx, func() { conn.Close() })
	c := &client{g: g, pick: g.draw(i), conn: conn, in: bufio.NewReader(conn), out: bufio.NewWriter(conn)}
	c.request.Header.SetHost(host)
	c.request.Header.SetNoDefaultContentType(true)
	c.request.Header.SetUserAgent("bench")
	return c, nil
}

func (c *client) hangUp() { c.conn.Close() }

func hangUp(clients []*client) {
	for _, c := range clients {
		c.hangUp()
	}
}

// work sends one request after the other until the job is done.
func (c *client) work(ctx context.Context) error {
	for {
		token, more, err := c.g.turn()
		if err != nil || !more || ctx.Err() != nil {
			return err
		}
		t := c.pick()
		began := time.Now()
		if err := c.ask(c.g.Method, t.path, token, t.body); err != nil {
			return err
		}
		if c.g.Then != "" {
			id, err := holdID(c.response.Body())
			if err != nil {
				return err
			}
			if err := c.ask(http.MethodPost, strings.Replace(c.g.Then, "{hold}", id, 1), token, nil); err != nil {
				return err
			}
		}
		c.sent++
		if ended := time.Now(); c.g.counts(ended) {
			c.took = append(c.took, ended.Sub(began))
		}
	}
}

// ask sends a request and takes the answer, which must be the one that the job wants.
func (c *client) ask(method, path string, token, body []byte) error {
	if err := c.exchange(method, path, token, body); err != nil || c.wanted() {
		return err
	}
	return c.unwanted(method, path)
}

// wanted tells whether the answer is the one that the job wants.
func (c *client) wanted() bool {
	return c.response.StatusCode() == c.g.Want && bytes.Contains(c.response.Body(), []byte(c.g.Code))
}

func (c *client) unwanted(method, path string) error {
	return fmt.Errorf("%s %s was answered %d, not %d %s: %.500s", method, path, c.response.StatusCode(), c.g.Want, c.g.Code, c.response.Body())
}

// exchange sends a request and takes the answer, whatever it is.
func (c *client) exchange(method, path string, token, body []byte) error {
	c.request.Header.SetMethod(method)
	c.request.Header.SetRequestURI(path)
	c.request.Header.SetBytesV("Authorization", token)
	c.request.Header.Set("Accept-Encoding", "gzip") // as browsers do
	if len(body) > 0 {
		c.request.Header.SetContentType("application/json")
	} else {
		c.request.Header.Del("Content-Type")
	}
	c.request.SetBodyRaw(body)
	if err := c.request.Write(c.out); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if err := c.out.Flush(); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	if err := c.response.Read(c.in); err != nil {
		return fmt.Errorf("%s %s: %w", method, path, err)
	}
	return nil
}

// holdID is the id of the hold that the answer tells of.
func holdID(answer []byte) (string, error) {
	_, hold, _ := bytes.Cut(answer, []byte(`"hold":{`))
	_, after, found := bytes.Cut(hold, []byte(`"id":"`))
	id, _, ended := bytes.Cut(after, []byte(`"`))
	if !found || !ended {
		return "", fmt.Errorf("no hold in the answer %.500s", answer)
	}
	return string(id), nil
}
