package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// profile begins a processor profile of a node, where profiles are wanted, that lasts as long as a cell. What it returns waits for its
// end.
func (l *lab) profile(ctx context.Context, s *server) (wait func() error) {
	if l.Profiles == "" || s.Metrics == "" {
		return func() error { return nil }
	}
	l.profiles++
	file := filepath.Join(l.Profiles, fmt.Sprintf("%03d.pprof", l.profiles))
	seconds := max(1, int((l.Warm + l.Cell).Round(time.Second).Seconds()))
	address := fmt.Sprintf("%s/debug/pprof/profile?seconds=%d", strings.TrimSuffix(s.Metrics, "/metrics"), seconds)
	ended := make(chan error, 1)
	go func() { ended <- download(ctx, address, file) }()
	return func() error { return <-ended }
}

// download writes what is at the address into a new file, and makes its folder.
func download(ctx context.Context, address, file string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, answer.Status)
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	content, err := io.ReadAll(answer.Body)
	if err != nil {
		return fmt.Errorf("%s: %w", address, err)
	}
	return os.WriteFile(file, content, 0o644)
}
