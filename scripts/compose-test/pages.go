package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// servesPages wants a page, and in its policy what a browser may connect to.
func servesPages(connect string) func(context.Context, *project) error {
	return func(ctx context.Context, p *project) error {
		r, err := ask(ctx, "GET", p.web+"/login", nil)
		if err != nil {
			return err
		}
		policy := r.Header.Get("Content-Security-Policy")
		for wrong, is := range map[string]bool{
			"the page is not there":                r.StatusCode != http.StatusOK || !strings.HasPrefix(r.Header.Get("Content-Type"), "text/html"),
			"the page may be framed":               !strings.Contains(policy, "frame-ancestors 'none'"),
			"its policy does not have " + connect:  !strings.Contains(policy, connect),
			"the page's type may be guessed":       r.Header.Get("X-Content-Type-Options") != "nosniff",
			"the placeholder stands for the pages": strings.Contains(policy, "script-src 'self';"),
		} {
			if is {
				err = errors.Join(err, fmt.Errorf("%s: %s, %v", wrong, r.Status, r.Header))
			}
		}
		return err
	}
}

// straightToTheAPI builds the dashboard anew for an API on another origin.
func straightToTheAPI(ctx context.Context, p *project) error {
	p.environ = append(p.environ, "NEXT_PUBLIC_API_URL="+p.api)
	if err := p.build(ctx); err != nil {
		return err
	}
	if err := p.up(ctx, base...); err != nil {
		return err
	}
	connect := "connect-src 'self' " + p.api + " ws" + strings.TrimPrefix(p.api, "http") + ";"
	return errors.Join(
		servesPages(connect)(ctx, p),
		p.preflight(ctx, p.web, true),
		p.preflight(ctx, "http://elsewhere.example", false),
		raceAt(func(p *project) string { return p.api })(ctx, p),
		p.sold.check(ctx, p.api),
		p.verify(ctx),
	)
}

// preflight asks as a browser does whether a page of the origin may book.
func (p *project) preflight(ctx context.Context, origin string, want bool) error {
	r, err := ask(ctx, "OPTIONS", p.api+"/book", http.Header{
		"Origin": {origin}, "Access-Control-Request-Method": {"POST"},
		"Access-Control-Request-Headers": {"authorization,content-type,idempotency-key"},
	})
	if err != nil {
		return err
	}
	if got := r.Header.Get("Access-Control-Allow-Origin") == origin && r.Header.Get("Access-Control-Allow-Credentials") == "true"; got != want {
		return fmt.Errorf("pages of %s may book: %t, want %t (%s, %v)", origin, got, want, r.Status, r.Header)
	}
	return nil
}

func ask(ctx context.Context, method, url string, header http.Header) (*http.Response, error) {
	r, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return nil, err
	}
	if header != nil {
		r.Header = header
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	return answer, answer.Body.Close()
}

// confined looks at the containers as the engine runs them.
func confined(ctx context.Context, p *project) error {
	var problems []error
	for _, service := range []string{"api", "web"} {
		ids, err := p.containers(ctx, service)
		if err != nil {
			return err
		}
		out, err := p.call(ctx, callTimeout, "docker", "inspect", ids[0])
		if err != nil {
			return err
		}
		var is []container
		if err := json.Unmarshal([]byte(out), &is); err != nil {
			return fmt.Errorf("inspect %s: %w", service, err)
		}
		for _, wrong := range is[0].freedoms() {
			problems = append(problems, fmt.Errorf("%s %s", service, wrong))
		}
	}
	return errors.Join(problems...)
}

// A container is what docker inspect tells of one.
type container struct {
	Config     struct{ User string }
	HostConfig struct {
		ReadonlyRootfs bool
		CapDrop        []string
		SecurityOpt    []string
		Memory         int64
		PidsLimit      *int64
		PortBindings   map[string][]struct{ HostIP string }
	}
}

// freedoms tells what a container may do and need not.
func (c container) freedoms() (all []string) {
	h := c.HostConfig
	for freedom, has := range map[string]bool{
		"runs as root":                c.Config.User == "" || strings.HasPrefix(c.Config.User, "0"),
		"may change its files":        !h.ReadonlyRootfs,
		"has capabilities":            len(h.CapDrop) != 1 || h.CapDrop[0] != "ALL",
		"may gain privileges":         !strings.Contains(strings.Join(h.SecurityOpt, " "), "no-new-privileges"),
		"may take all memory":         h.Memory == 0,
		"may start processes at will": h.PidsLimit == nil || *h.PidsLimit <= 0,
	} {
		if has {
			all = append(all, freedom)
		}
	}
	for port, bindings := range h.PortBindings {
		for _, b := range bindings {
			if b.HostIP != "127.0.0.1" {
				all = append(all, "is open to other machines at "+port)
			}
		}
	}
	return all
}
