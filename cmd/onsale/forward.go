package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httputil"
	"net/netip"
	"net/url"
	"slices"
	"time"

	"onsale/transport/rest"
)

// dialTimeout bounds how long a client waits to be told that the API is away.
const dialTimeout = 3 * time.Second

// newForwarder returns a handler that passes requests on to the API at address, WebSockets too, and answers in its stead,
// and in its way, where it is away.
//
// The Host stays the client's own, by which the API tells its own pages from others. In X-Forwarded-For the API finds the
// peer, and left of it what the peer gave there only when it is in one of the trusted networks.
func newForwarder(address string, trusted []netip.Prefix, log *slog.Logger) (http.Handler, error) {
	api, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("API_URL: %w", err)
	}
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(api)
			r.Out.Host, r.Out.URL.RawQuery = r.In.Host, r.In.URL.RawQuery
			if isFrom(r.In, trusted) {
				r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			}
			r.SetXForwarded()
			r.Out.Header.Set(requestID, rest.RequestID(r.In))
		},
		Transport: &http.Transport{
			DialContext:         (&net.Dialer{Timeout: dialTimeout}).DialContext,
			TLSHandshakeTimeout: dialTimeout,
			MaxIdleConnsPerHost: 512,
			IdleConnTimeout:     rest.IdleTimeout * 3 / 4, // before the API hangs up, so that no request meets a closed connection
			DisableCompression:  true,                     // what the client accepts is between it and the API
		},
		FlushInterval: -1,
		ErrorLog:      slog.NewLogLogger(log.Handler(), slog.LevelWarn),
		ErrorHandler:  func(w http.ResponseWriter, r *http.Request, err error) { answerForAPI(w, r, err, log) },
	}, nil
}

const requestID = "X-Request-Id"

func isFrom(r *http.Request, networks []netip.Prefix) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && slices.ContainsFunc(networks, func(n netip.Prefix) bool { return n.Contains(peer.Addr().Unmap()) })
}

// answerForAPI answers a request, as it was sent to the API, of which the API has not.
func answerForAPI(w http.ResponseWriter, r *http.Request, err error, log *slog.Logger) {
	if errors.Is(err, context.Canceled) {
		panic(http.ErrAbortHandler) // the client is gone, or we are going
	}
	id := r.Header.Get(requestID)
	p := problemOf(r.Method, err)
	p.Type, p.RequestID = "urn:problem-type:onsale:"+p.Code, id
	log.Warn("the API does not answer", "id", id, "method", r.Method, "code", p.Code, "error", err)
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // a struct of strings and numbers
	}
	rest.Guard(w.Header())
	for name, value := range map[string]string{"Content-Type": "application/problem+json", "Retry-After": "1", requestID: id} {
		w.Header().Set(name, value)
	}
	w.WriteHeader(p.Status)
	_, _ = w.Write(body) // an error is the client's going away
}

// problemOf tells by what went wrong whether the API may have done what it was asked.
func problemOf(method string, err error) rest.Problem {
	if dial := (*net.OpError)(nil); errors.As(err, &dial) && dial.Op == "dial" {
		return rest.Problem{Status: http.StatusServiceUnavailable, Code: "unavailable", Title: "Not available, try again shortly"}
	}
	if method == http.MethodGet || method == http.MethodHead {
		return rest.Problem{Status: http.StatusBadGateway, Code: "unavailable", Title: "Not available, try again shortly"}
	}
	return rest.Problem{
		Status: http.StatusBadGateway, Code: "outcome_unknown", Title: "Outcome unknown, ask again with the same Idempotency-Key",
	}
}
