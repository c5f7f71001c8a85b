package rest

import (
	"context"
	"log/slog"
	"net/http"
	"time"
)

// health says that the process is up, whatever it depends on.
func (a *api) health(c *call) error {
	return c.json(http.StatusOK, Health{Status: "ok"})
}

// readiness says whether everything the program depends on is there; what is wrong with it is in the log.
func (a *api) readiness(c *call) error {
	ctx, cancel := context.WithTimeout(c.r.Context(), 2*time.Second)
	defer cancel()
	status, out := http.StatusOK, Readiness{Status: "ready", Checks: make(map[string]string)}
	now := a.Ready(ctx)
	out.Projections = now.Projections
	for name, err := range now.Checks {
		out.Checks[name] = "ok"
		if err != nil {
			out.Checks[name] = "failing"
			status, out.Status = http.StatusServiceUnavailable, "not_ready"
			if c.r.Context().Err() != nil {
				continue // who asked has hung up, and the check with it: it tells nothing
			}
			a.log.LogAttrs(ctx, slog.LevelWarn, "not ready", slog.String("check", name), slog.Any("error", err))
		}
	}
	return c.json(status, out)
}
