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
	var ofWeb, asJSON bool
	cmd := &cobra.Command{
		Use:   "health",
		Short: "Ask the serve on this machine whether it is ready",
		Long: "Ask the serve on this machine whether it is ready, or with --web whether the dashboard is\n" +
			"served, be it by serve or by web, and print a line. The exit code is 0 when it is and 1\n" +
			"when it is not, which is told with the reason on standard error, and by --json among\n" +
			"the problems. Made for the health check of a container, where there is no curl.",
		Example: examples(
			"onsale health",
			"onsale health --web",
			"onsale health --json | jq -r '.problems[]'",
		),
		Args: cobra.NoArgs,
	}
	cmd.Flags().BoolVar(&ofWeb, "web", false, "ask on WEB_PORT, where 'onsale web' and serve have the dashboard")
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		address, err := healthAddress(ofWeb)
		if err != nil {
			return err
		}
		ctx, cancel := context.WithTimeout(cmd.Context(), healthTimeout)
		defer cancel()
		if err := health(ctx, address, cmd.OutOrStdout(), asJSON); err != nil {
			return &failure{err}
		}
		return nil
	}
	return cmd
}

func healthAddress(ofWeb bool) (string, error) {
	name, host, port, path := "API_PORT", "", 0, "/readyz"
	if ofWeb {
		c, err := loaded(config.LoadWeb)
		if err != nil {
			return "", err
		}
		name, host, port, path = "WEB_PORT", c.Host, c.Port, "/healthz"
	} else {
		c, err := loaded(config.Load)
		if err != nil {
			return "", err
		}
		host, port = c.Host, c.APIPort
	}
	if port == 0 {
		return "", errors.New(name + ": with 0 nobody knows which port to ask")
	}
	return urlOf(host, port) + path, nil
}

// A healthReport is what is printed.
type healthReport struct {
	Ready    bool     `json:"ready"`
	URL      string   `json:"url"`      // what was asked
	Problems []string `json:"problems"` // why it is not ready
}

// health prints whether the program at address is ready, and returns why it is not.
func health(ctx context.Context, address string, out io.Writer, asJSON bool) error {
	problems := ask(ctx, address)
	report := healthReport{Ready: len(problems) == 0, URL: address, Problems: problems}
	var err error
	switch {
	case asJSON:
		err = printJSON(out, report)
	case report.Ready:
		_, err = fmt.Fprintln(out, "ready")
	}
	if err == nil && !report.Ready {
		err = errors.New("not ready: " + strings.Join(problems, ", "))
	}
	return err
}

// ask returns why the program at address is not ready; nothing: it is.
func ask(ctx context.Context, address string) (problems []string) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return []string{err.Error()}
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return []string{err.Error()}
	}
	defer answer.Body.Close()
	var told rest.Readiness // of which web tells only the status
	if err := json.NewDecoder(answer.Body).Decode(&told); err != nil || told.Status == "" {
		return []string{fmt.Sprintf("%s answers %s, and not as Onsale does", address, answer.Status)}
	}
	switch problems = failing(told.Checks); {
	case answer.StatusCode == http.StatusOK:
		return []string{}
	case len(problems) == 0:
		return []string{"it answers " + answer.Status}
	}
	return problems
}

func failing(checks map[string]string) (names []string) {
	for _, name := range slices.Sorted(maps.Keys(checks)) {
		if checks[name] != "ok" {
			names = append(names, name+" is "+checks[name])
		}
	}
	return names
}
