package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"golang.org/x/sync/errgroup"
)

// logIns are clients who log in with an address and a password that nobody has, which costs the node as much as one that
// somebody has, and come again when they have been answered; those who are refused, when they are told to.
func logIns(ctx context.Context, d disturbance, ready func()) (map[string]float64, error) {
	return askAgain(ctx, d.Number, "log-ins/s", http.StatusUnauthorized, ready, func(ctx context.Context, who, n int) (*http.Request, error) {
		body := fmt.Sprintf(`{"email": "nobody-%d-%d@example.com", "password": "not the right one"}`, who, n)
		request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.URL+"/auth/login", strings.NewReader(body))
		if err == nil {
			request.Header.Set("Content-Type", "application/json")
		}
		return request, err
	})
}

// hugeSearches are as long and as wide as may be, and far behind.
func hugeSearches() []string {
	var all []string
	for _, text := range []string{
		strings.Repeat("%_", 50), strings.Repeat(`\`, 100), strings.Repeat("e", 100), "e", "evening", "%", strings.Repeat("ä", 100), "",
	} {
		for _, page := range []string{"1", "20", "1000000"} {
			for _, by := range []string{"title", "price", "date"} {
				query := url.Values{"search": {text}, "page": {page}, "limit": {"50"}, "sortBy": {by}, "sortOrder": {"desc"}}
				all = append(all, "/events?"+query.Encode())
			}
		}
	}
	return all
}

// searches are clients who search in ways that cost as much as may be.
func searches(ctx context.Context, d disturbance, ready func()) (map[string]float64, error) {
	g := generator{job: job{Tokens: d.Tokens}}
	if err := g.readTokens(); err != nil {
		return nil, err
	}
	paths := hugeSearches()
	return askAgain(ctx, d.Number, "searches/s", http.StatusOK, ready, func(ctx context.Context, who, n int) (*http.Request, error) {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, d.URL+paths[(who+n)%len(paths)], nil)
		if err == nil {
			request.Header.Set("Authorization", string(g.tokens[who%len(g.tokens)]))
		}
		return request, err
	})
}

// askAgain has so many clients, each with a connection, ask one request after the other until ctx ends. All must be answered
// with want or refused, with a time to come again, which the client keeps to. It is ready when all have begun.
func askAgain(ctx context.Context, n int, rate string, want int, ready func(), request func(ctx context.Context, who, n int) (*http.Request, error)) (map[string]float64, error) {
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}}
	defer client.CloseIdleConnections()
	var answers, refusals atomic.Int64
	began := time.Now()
	group, asking := errgroup.WithContext(ctx)
	for who := range n {
		group.Go(func() error {
			for i := 0; asking.Err() == nil; i++ {
				wait, err := askOnce(client, want, func() (*http.Request, error) { return request(asking, who, i) })
				switch {
				case err != nil && ctx.Err() == nil: // else it is the end that broke it off
					return err
				case err != nil:
					continue
				case wait > 0:
					refusals.Add(1)
					_ = sleep(asking, wait) // that it ended is seen above
				default:
					answers.Add(1)
				}
			}
			return nil
		})
	}
	ready()
	err := group.Wait()
	took := time.Since(began).Seconds()
	return map[string]float64{rate: float64(answers.Load()) / took, "refused/s": float64(refusals.Load()) / took}, err
}

// askOnce returns how long to wait before asking again: 0 unless the request was refused.
func askOnce(client *http.Client, want int, request func() (*http.Request, error)) (time.Duration, error) {
	r, err := request()
	if err != nil {
		return 0, err
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	switch {
	case err != nil:
		return 0, err
	case answer.StatusCode == want:
		return 0, nil
	case answer.StatusCode != http.StatusServiceUnavailable:
		return 0, fmt.Errorf("%s %s was answered %d: %.500s", r.Method, r.URL, answer.StatusCode, text)
	}
	seconds, err := strconv.Atoi(answer.Header.Get("Retry-After"))
	if err != nil || seconds < 1 {
		return 0, errors.New("a refusal does not tell when to come again: Retry-After " + answer.Header.Get("Retry-After"))
	}
	return time.Duration(seconds) * time.Second, nil
}
