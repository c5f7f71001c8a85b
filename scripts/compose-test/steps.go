package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
)

type step struct {
	promise string
	run     func(context.Context, *project) error
}

var steps = []step{
	{"the image is built, small, and knows its version", buildsImage},
	{"with no .env, database, API and dashboard come up healthy", func(ctx context.Context, p *project) error {
		return p.up(ctx, base...)
	}},
	{"containers may do only what they need", confined},
	{"the dashboard is served, guarded, and its browsers stay on one origin", servesPages("connect-src 'self';")},
	{"a race at the API oversells nothing", raceAt(func(p *project) string { return p.api })},
	{"a race through the dashboard's port oversells nothing", raceAt(func(p *project) string { return p.web + "/api" })},
	{"live counts come through the dashboard's port", func(ctx context.Context, p *project) error {
		return watchABooking(ctx, p.web+"/api")
	}},
	{"kill -9 of the API in the middle of a sale loses nothing", func(ctx context.Context, p *project) error {
		return p.sellThrough(ctx, p.web+"/api", func() error { return p.kill(ctx, "api") }, func() error { return p.up(ctx, base...) })
	}},
	{"kill -9 of PostgreSQL in the middle of a sale loses nothing", func(ctx context.Context, p *project) error {
		return p.sellThrough(ctx, p.web+"/api", func() error { return p.kill(ctx, "postgres") }, func() error { return p.up(ctx, base...) })
	}},
	{"down and up again keeps the data", func(ctx context.Context, p *project) error {
		if _, err := p.do(ctx, "down", "--timeout", "60"); err != nil {
			return err
		}
		return errors.Join(p.up(ctx, base...), p.sold.check(ctx, p.api), p.verify(ctx))
	}},
	{"three nodes come up behind a load balancer", func(ctx context.Context, p *project) error {
		if err := p.needs(ctx, "lb", "nats"); err != nil {
			return err
		}
		return errors.Join(p.up(ctx), p.count(ctx, "node", 3))
	}},
	{"a race over three nodes oversells nothing", scaled(raceAt(func(p *project) string { return p.lb + "/api" }))},
	{"live counts come through the load balancer", scaled(func(ctx context.Context, p *project) error {
		return watchABooking(ctx, p.lb+"/api")
	})},
	{"kill -9 of a node and of NATS in the middle of a sale loses nothing", scaled(func(ctx context.Context, p *project) error {
		return p.sellThrough(ctx, p.lb+"/api", func() error {
			nodes, err := p.containers(ctx, "node")
			if err != nil {
				return err
			}
			_, err = p.call(ctx, callTimeout, "docker", "kill", "--signal", "KILL", nodes[0])
			return errors.Join(err, p.kill(ctx, "nats"))
		}, func() error { return errors.Join(p.up(ctx), p.count(ctx, "node", 3)) })
	})},
	{"production refuses the sample secrets, and demo data", refusesSamples},
	{"a browser may be sent straight to the API", straightToTheAPI},
}

// base is what comes up without a profile.
var base = []string{"postgres", "api", "web"}

// scaled skips a step where the profile scale did not come up for want of an image.
func scaled(run func(context.Context, *project) error) func(context.Context, *project) error {
	return func(ctx context.Context, p *project) error {
		if err := p.needs(ctx, "lb", "nats"); err != nil {
			return err
		}
		return run(ctx, p)
	}
}

func raceAt(url func(*project) string) func(context.Context, *project) error {
	return func(ctx context.Context, p *project) error {
		_, err := p.call(ctx, callTimeout, "go", "run", "./scripts/race", "--scenario", "all", "--url", url(p))
		return err
	}
}

// maxImage is the size above which something is in the image that it does not need.
const maxImage = 64 << 20

func buildsImage(ctx context.Context, p *project) error {
	if err := p.build(ctx); err != nil {
		return err
	}
	out, err := p.call(ctx, callTimeout, "docker", "image", "inspect", "--format", "{{.Size}}", p.image)
	if err != nil {
		return err
	}
	if size, err := strconv.Atoi(strings.TrimSpace(out)); err != nil || size > maxImage {
		return fmt.Errorf("the image has %s bytes, more than %d", strings.TrimSpace(out), maxImage)
	}
	out, err = p.call(ctx, callTimeout, "docker", "run", "--rm", p.image, "version")
	if err == nil && !strings.Contains(out, p.name) {
		err = fmt.Errorf("the version is %q, and was given as %s", out, p.name)
	}
	return err
}

func (p *project) count(ctx context.Context, service string, want int) error {
	running, err := p.containers(ctx, service)
	if err == nil && len(running) != want {
		err = fmt.Errorf("%d containers of %s run, want %d", len(running), service, want)
	}
	return err
}

// verify replays the whole log and holds it against the rules, in a container.
func (p *project) verify(ctx context.Context) error {
	_, err := p.do(ctx, "exec", "-T", "api", "/onsale", "verify")
	return err
}

func refusesSamples(ctx context.Context, p *project) error {
	run := []string{"run", "--rm", "--no-deps", "-T", "--env", "APP_ENV=production"}
	out, err := p.do(ctx, append(run, "api", "serve")...)
	if err == nil || strings.Count(out, "is the sample") != 2 {
		return fmt.Errorf("it does not refuse the secrets:\n%s", out)
	}
	own := []string{
		"--env", "PGPASSWORD=" + strings.Repeat("ijklmnop", 4),
		"--env", "JWT_ACCESS_SECRET=" + strings.Repeat("abcdefgh", 4), "--env", "JWT_REFRESH_SECRET=" + strings.Repeat("stuvwxyz", 4),
	}
	out, err = p.do(ctx, append(append(run, own...), "api", "serve", "--seed")...)
	if err == nil || !strings.Contains(out, "not for APP_ENV=production") {
		return fmt.Errorf("it does not refuse demo data:\n%s", out)
	}
	return nil
}
