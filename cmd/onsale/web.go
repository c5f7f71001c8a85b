package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
	"onsale/transport/rest"
	"onsale/web"
)

func webCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "web",
		Short: "Serve only the dashboard, before an API elsewhere",
		Long: "Serve the dashboard on WEB_PORT until told to stop (Ctrl-C), to this machine only unless\n" +
			"LISTEN_HOST says otherwise, and pass what is asked below /api, live counts too, on to the API at\n" +
			"API_URL. It needs no database: the API may come and go, and who asks meanwhile is told to\n" +
			"try again.\n\n" +
			"GET /healthz says that it serves, whatever the API does.",
		Example: examples("API_URL=http://api:3001 onsale web"),
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := loaded(config.LoadWeb)
			if err != nil {
				return err
			}
			if err := serveWeb(cmd.Context(), c, newLogger(c.LogFormat, cmd.ErrOrStderr()), cmd.OutOrStdout()); err != nil {
				return &failure{err}
			}
			return nil
		},
	}
}

// serveWeb serves until ctx ends. Then it answers what is in flight, and hangs up on viewers, who come back by themselves.
func serveWeb(ctx context.Context, c config.Web, log *slog.Logger, out io.Writer) error {
	api, err := newForwarder(c.APIURL, c.TrustedProxies, log)
	if err != nil {
		return err
	}
	site, err := website(api)
	if err != nil {
		return err
	}
	listeners, err := listen("WEB_PORT", c.Host, c.Port)
	if err != nil {
		return err
	}
	viewing, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	var handling sync.WaitGroup // those of viewers too, which the server knows nothing of
	s := rest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		handling.Add(1)
		defer handling.Done()
		site.ServeHTTP(w, r)
	}), log)
	s.BaseContext = func(net.Listener) context.Context { return viewing }

	ended := make(chan error, 1)
	go func() { ended <- serveOn(s, listeners) }()
	fmt.Fprintf(out, "\n  Dashboard  %s\n  API        %s\n\n", urlOf(c.Host, localPort(listeners[0])), c.APIURL)
	select {
	case err := <-ended:
		return fmt.Errorf("server: %w", err)
	case <-ctx.Done():
	}
	log.Info("stopping: requests in flight are answered first")
	draining, cancel := context.WithTimeout(context.WithoutCancel(ctx), drainTimeout)
	defer cancel()
	err = drain(draining, s)
	hangUp()
	err = errors.Join(err, <-ended)
	handling.Wait()
	return err
}

// website serves the dashboard, and the API below /api, so that a browser stays on one origin. /healthz says that it serves.
func website(api http.Handler) (http.Handler, error) {
	pages, err := web.New()
	if err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, "/api/") {
			api.ServeHTTP(w, r)
			return
		}
		if r.URL.Path == "/healthz" {
			alive(w)
			return
		}
		pages.ServeHTTP(w, r)
	}), nil
}

func alive(w http.ResponseWriter) {
	rest.Guard(w.Header())
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(rest.Health{Status: "ok"}) // an error is the client's going away
}
