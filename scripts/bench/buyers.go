package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"
)

// What the servers of a run sign tokens with. They are on the loopback, for minutes.
const (
	accessSecret  = "benchmark-access-secret-of-a-few-minutes"
	refreshSecret = "benchmark-refresh-secret-of-a-few-minutes"
)

// tokenLife is longer than any run.
const tokenLife = 24 * time.Hour

// buyers are people with access tokens, made before anything is measured. The servers find no account of theirs, and need none:
// a token is believed by its signature.
type buyers struct {
	file  string // a token a line
	count int
	first string // the first one's token
}

// cellBuyers is how many buyers a cell can use up: each books once, and no two cores sell to more a second. In a flood more
// come than are served.
func cellBuyers(s settings) int {
	perSecond := 20_000 * min(runtime.NumCPU(), 8)
	if s.Overload {
		perSecond *= 2
	}
	return 1000 + int((s.Warm+s.Cell).Seconds()*float64(perSecond))
}

func makeBuyers(dir string, s settings) (buyers, error) {
	b := buyers{file: filepath.Join(dir, "tokens"), count: cellBuyers(s)}
	tokens := make([][]byte, b.count)
	now := time.Now()
	var group errgroup.Group
	part := b.count/runtime.NumCPU() + 1
	for from := 0; from < b.count; from += part {
		group.Go(func() (err error) {
			for i := from; i < min(from+part, b.count) && err == nil; i++ {
				tokens[i], err = newToken(now)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return b, fmt.Errorf("make tokens: %w", err)
	}
	b.first = string(tokens[0])
	return b, os.WriteFile(b.file, bytes.Join(tokens, []byte("\n")), 0o600)
}

// newToken is an access token of somebody new, as package identity signs them.
func newToken(now time.Time) ([]byte, error) {
	token, err := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.MapClaims{
		"iss": "onsale", "aud": "onsale-access", "sub": uuid.NewString(), "role": "user", "jti": uuid.NewString(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(tokenLife).Unix(),
	}).SignedString([]byte(accessSecret))
	return []byte(token), err
}

// load has the load generator do a job, in a process of its own. It may be called while another call is under way.
func (l *lab) load(ctx context.Context, j job) (loaded, error) {
	j.Tokens = l.buyers.file
	if j.Clients == 0 {
		j.Clients = l.Clients
	}
	if j.Length == 0 {
		j.Warm, j.Length = l.Warm, l.Cell
	}
	ctx, cancel := context.WithTimeout(ctx, j.Warm+j.Length+startTimeout)
	defer cancel()
	var result loaded
	err := l.role(ctx, "load", j, &result)
	return result, err
}
