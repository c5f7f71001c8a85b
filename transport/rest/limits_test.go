package rest_test

import (
	"net/netip"
	"sync"
	"testing"

	"onsale/command"
	"onsale/command/sale"
	"onsale/transport/rest"
)

func TestAPanicGivesItsSlotBack(t *testing.T) {
	t.Parallel()
	f := &fakes{command: func(any) (command.Receipt, error) { panic("again") }}
	api := newAPI(t, f, func(o *rest.Options) { o.MaxInFlight = 1 })
	for range 3 {
		if w := send(t, api, post("/book", validSeats)); w.Code != 500 {
			t.Fatalf("%d, want 500", w.Code)
		}
	}
}

func TestOverTheCapIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	const slots = 3
	inside, release := make(chan struct{}), make(chan struct{})
	f := &fakes{command: func(any) (command.Receipt, error) {
		inside <- struct{}{}
		<-release
		return receipt(sale.Confirmed), nil
	}}
	api := newAPI(t, f, func(o *rest.Options) { o.MaxInFlight = slots })
	var under sync.WaitGroup
	for range slots {
		under.Go(func() {
			if w := send(t, api, post("/book", validSeats)); w.Code != 201 {
				t.Errorf("%d, want 201", w.Code)
			}
		})
	}
	for range slots {
		<-inside
	}
	for _, r := range []request{get("/events"), post("/book", validSeats), post("/auth/login", bodies["/auth/login"])} {
		wantProblem(t, api, r, 503, "overloaded")
		if w := send(t, api, r); w.Header().Get("Retry-After") == "" {
			t.Error("no Retry-After")
		}
	}
	for _, path := range []string{"/healthz", "/readyz"} {
		if w := send(t, api, request{path: path}); w.Code != 200 {
			t.Errorf("%s: %d; operations are answered all the same", path, w.Code)
		}
	}
	close(release)
	under.Wait()
	if w := send(t, api, get("/events")); w.Code != 200 {
		t.Errorf("%d after the rush, want 200", w.Code)
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{}, func(o *rest.Options) { o.AuthPerMinute, o.CommandsPerMinute = 3, 2 })
	for range 2 {
		if w := send(t, api, post("/book", validSeats)); w.Code != 201 {
			t.Fatalf("%d, want 201", w.Code)
		}
	}
	w := send(t, api, post("/holds", validSeats))
	if p := problemOf(t, w); w.Code != 429 || p.Code != "rate_limited" || w.Header().Get("Retry-After") == "" || w.Header().Get("RateLimit-Limit") != "2" {
		t.Errorf("%d %s %v", w.Code, w.Body, w.Header())
	}
	another := post("/book", validSeats)
	another.token = "organizer"
	if w := send(t, api, another); w.Code != 201 {
		t.Errorf("another user: %d, want 201", w.Code)
	}
	if w := send(t, api, get("/events")); w.Code != 200 {
		t.Errorf("reading: %d, want 200", w.Code)
	}

	login := post("/auth/login", bodies["/auth/login"])
	for i := range 5 {
		want := 200
		if i >= 3 {
			want = 429
		}
		if w := send(t, api, login.with("X-Forwarded-For", netip.AddrFrom4([4]byte{10, 0, 0, byte(i)}).String())); w.Code != want {
			t.Errorf("log-in %d: %d, want %d; nobody's X-Forwarded-For is believed", i, w.Code, want)
		}
	}
}

func TestRateLimitsCanBeSwitchedOff(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{}, func(o *rest.Options) { o.AuthPerMinute, o.CommandsPerMinute, o.NoRateLimits = 1, 1, true })
	for range 5 {
		if w := send(t, api, post("/book", validSeats)); w.Code != 201 {
			t.Fatalf("%d, want 201", w.Code)
		}
		if w := send(t, api, post("/auth/login", bodies["/auth/login"])); w.Code != 200 {
			t.Fatalf("%d, want 200", w.Code)
		}
	}
}

func TestBehindATrustedProxyItsClientsAreLimited(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{}, func(o *rest.Options) {
		o.AuthPerMinute, o.TrustedProxies = 1, []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")} // httptest's peer
	})
	for forwarded, want := range map[string]int{
		"203.0.113.1":            200,
		"203.0.113.2":            200,
		"6.6.6.6, 203.0.113.3":   200,
		"203.0.113.4, 192.0.2.9": 200,
		"2001:db8::1":            200,
	} {
		if w := send(t, api, post("/auth/login", bodies["/auth/login"]).with("X-Forwarded-For", forwarded)); w.Code != want {
			t.Errorf("%s: %d, want %d", forwarded, w.Code, want)
		}
	}
	for _, forwarded := range []string{"7.7.7.7, 203.0.113.3", "8.8.8.8, 203.0.113.4, 192.0.2.10", "2001:db8::2"} {
		if w := send(t, api, post("/auth/login", bodies["/auth/login"]).with("X-Forwarded-For", forwarded)); w.Code != 429 {
			t.Errorf("%s: %d; it is the same client", forwarded, w.Code)
		}
	}
}
