package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"onsale/cmd/internal/config"
	"onsale/cmd/internal/telemetry"
	"onsale/migrations"
	"onsale/transport/rest"
)

// tracesTimeout bounds how long a node waits at its end for the collector to take its last traces.
const tracesTimeout = 3 * time.Second

// An insight is how one sees inside a node: its telemetry, and the listener that shows it. It is the first to come and the last to
// go, so that a node can be looked into that does not come up, or does not end.
type insight struct {
	*telemetry.Telemetry
	log    *slog.Logger
	server *http.Server
	ended  chan struct{}
}

// openInsight serves metrics and profiles until close.
func openInsight(ctx context.Context, c config.Config, log *slog.Logger) (*insight, error) {
	l, err := listenOn("ADMIN_PORT", c.AdminHost, c.AdminPort)
	if err != nil {
		return nil, err
	}
	t, err := telemetry.Open(ctx, telemetry.Options{Version: version(), Schema: int(migrations.Latest()), Traces: c.Traces(), Log: log})
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	log.Info("metrics and profiles are served", "url", "http://"+l.Addr().String()+"/metrics")
	i := &insight{Telemetry: t, log: log, server: rest.NewServer(onlyForThisMachine(c.AdminHost, t.Handler()), log), ended: make(chan struct{})}
	go func() {
		defer close(i.ended)
		if err := i.server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the admin listener has ended: metrics and profiles are away", "error", err)
		}
	}()
	return i, nil
}

// close sends the last traces and hangs up. That nobody takes them is told, and no failure of the node.
func (i *insight) close() {
	ctx, cancel := context.WithTimeout(context.Background(), tracesTimeout)
	defer cancel()
	if err := i.Close(ctx); err != nil {
		i.log.Warn("tracing", "error", err)
	}
	i.server.Close() // an error would be that of a listener that is gone already
	<-i.ended
}
