package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
	"onsale/transport/rest"
)

// healthTimeout is longer than the API takes to find out.
const healthTimeout = 4 * time.Second

func healthCommand() *cobra.Command {
	var ofWeb bool
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the serve on this machine whether it is ready",
		Long: "Ask the serve on this machine whether it is ready, or with --web whether the dashboard is\n" +
			"served, be it by serve or by web, and print a line. The exit code is 0 when it is and 1\n" +
			"when it is not: made for the health check of a container, where there is no curl.",
		Example: examples(
			"onsale health",
			"onsale health --web",
		),
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&ofWeb, "web", false, "ask on WEB_PORT, where 'onsale web' and serve have the dashboard")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		address, err := healthAddress(ofWeb)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), healthTimeout)
		defer cancel()
		if err := health(ctx, address, cmd.OutOrStdout()); err != nil {
			return &failure{err}
		}
		return nil
	}
	return cmd
}

func healthAddress(ofWeb bool) (string, error) {
	name, port, path := "API_PORT", 0, "/readyz"
	if ofWeb {
		c, err := loaded(config.LoadWeb)
		if err != nil {
			return "", err
		}
		name, port, path = "WEB_PORT", c.Port, "/healthz"
	} else {
		c, err := loaded(config.Load)
		if err != nil {
			return "", err
		}
		port = c.APIPort
	}
	if port == 0 {
		return "", errors.New(name + ": with 0 nobody knows which port to ask")
	}
	return fmt.Sprintf("http://localhost:%d%s", port, path), nil
}

// health prints that the program at address is ready, or returns why it is not.
func health(ctx context.Context, address string, out io.Writer) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return fmt.Errorf("not ready: %w", err)
	}
	defer answer.Body.Close()
	var told rest.Readiness // of which web tells only the status
	if err := json.NewDecoder(answer.Body).Decode(&told); err != nil || told.Status == "" {
		return fmt.Errorf("not ready: %s answers %s, and not as Onsale does", address, answer.Status)
	}
	if answer.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", strings.Join(failing(told.Checks), ", "))
	}
	fmt.Fprintln(out, "ready")
	return nil
}

func failing(checks map[string]string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		if checks[name] != "ok" {
			names = append(names, name+" is "+checks[name])
		}
	}
	return names
}
