package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"golang.org/x/sync/errgroup"
)

// seats is what a sale has that is not to be sold out: the most there can be.
const seats = 1_000_000

// createSales puts n events on sale, each with so many tickets in one section, and returns their ids.
func (l *lab) createSales(ctx context.Context, s *server, n, tickets int) ([]string, error) {
	ids := make([]string, n)
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(64)
	for i := range ids {
		group.Go(func() (err error) {
			ids[i], err = l.createSale(ctx, s, fmt.Sprintf("Event %d", i+1), tickets)
			return err
		})
	}
	return ids, group.Wait()
}

func (l *lab) createSale(ctx context.Context, s *server, title string, tickets int) (id string, err error) {
	body := fmt.Sprintf(`{"title": %q, "venue": "Great Hall", "currency": "EUR", "totalTickets": %d, "price": 49}`, title, tickets)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, s.URL+"/events", strings.NewReader(body))
	if err != nil {
		return "", err
	}
	request.Header.Set("Authorization", "Bearer "+l.buyers.first)
	request.Header.Set("Content-Type", "application/json")
	request.Close = true // a connection from before the server slept may be over
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		return "", err
	}
	if answer.StatusCode != http.StatusCreated {
		return "", fmt.Errorf("POST /events was answered %d: %.500s", answer.StatusCode, text)
	}
	var made struct{ ID string }
	if err := json.Unmarshal(text, &made); err != nil || made.ID == "" {
		return "", errors.Join(fmt.Errorf("POST /events was answered %.500s", text), err)
	}
	return made.ID, nil
}
