package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// An api that logs everybody in as who they are, and answers their bookings and what they book as a test says.
func api(t *testing.T, bookings string, book http.HandlerFunc) string {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/auth/login":
			_, _ = io.WriteString(w, `{"accessToken":"a"}`)
		case "/bookings":
			_, _ = io.WriteString(w, bookings)
		case "/book":
			book(w, r)
		}
	}))
	t.Cleanup(s.Close)
	return s.URL
}

func TestABookingThatIsGoneIsFound(t *testing.T) {
	for name, test := range map[string]struct {
		bookings string
		lost     bool
	}{
		"it is there":       {`{"data":[{"id":"2","status":"CONFIRMED"},{"id":"1","status":"CONFIRMED"}]}`, false},
		"it is gone":        {`{"data":[{"id":"2","status":"CONFIRMED"}]}`, true},
		"it became another": {`{"data":[{"id":"1","status":"CANCELLED"}]}`, true},
	} {
		t.Run(name, func(t *testing.T) {
			var sold ledger
			sold.add("a@example.com", "1")
			err := sold.check(t.Context(), api(t, test.bookings, nil))
			if lost := err != nil && strings.Contains(err.Error(), "LOST"); lost != test.lost || (err != nil) != test.lost {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestABuyerAsksAgainWithTheSameKey(t *testing.T) {
	var mu sync.Mutex
	var keys []string
	url := api(t, "", func(w http.ResponseWriter, r *http.Request) {
		mu.Lock()
		defer mu.Unlock()
		keys = append(keys, r.Header.Get("Idempotency-Key"))
		switch len(keys) {
		case 1:
			panic(http.ErrAbortHandler) // the connection breaks
		case 2:
			w.WriteHeader(http.StatusServiceUnavailable)
			_, _ = io.WriteString(w, `{"code":"unavailable"}`)
		default:
			w.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(w, `{"booking":{"id":"1"}}`)
		}
	})
	s, sold := &openedSale{}, &ledger{}
	if err := s.book(t.Context(), &buyer{url: url, email: "a@example.com"}, "event", sold); err != nil {
		t.Fatal(err)
	}
	if len(keys) != 3 || keys[0] == "" || len(slices.Compact(keys)) != 1 {
		t.Errorf("keys %q", keys)
	}
	if len(sold.bookings["a@example.com"]) != 1 {
		t.Errorf("sold %v", sold.bookings)
	}
}

func TestAnAnswerThatNoBuyerShouldGetIsAnError(t *testing.T) {
	for _, status := range []int{http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusTooManyRequests} {
		url := api(t, "", func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"code":"x"}`)
		})
		if err := new(openedSale).book(t.Context(), &buyer{url: url}, "event", &ledger{}); err == nil {
			t.Errorf("%d was taken", status)
		}
	}
}

// A step that kills nothing in the middle must not pass as one that did.
func TestAKillThatComesTooLateIsAnError(t *testing.T) {
	var p project
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		_, _ = io.WriteString(w, `{"accessToken":"a","id":"1","booking":{"id":"1"}}`)
	}))
	defer s.Close()
	tooLate := func() error {
		for p.sold.count() < buyers*events {
		}
		return nil
	}
	err := p.sellThrough(t.Context(), s.URL, tooLate, func() error { return nil })
	if err == nil || !strings.Contains(err.Error(), "not in the middle") {
		t.Errorf("got %v", err)
	}
}

func TestFreedomsOfAContainer(t *testing.T) {
	const confined = `{"Config":{"User":"65532:65532"},"HostConfig":{"ReadonlyRootfs":true,"CapDrop":["ALL"],
		"SecurityOpt":["no-new-privileges:true"],"Memory":1,"PidsLimit":1,"PortBindings":{"1/tcp":[{"HostIp":"127.0.0.1"}]}}}`
	for change, freedom := range map[string]string{
		"":                                    "",
		`"65532:65532"→"0:0"`:                 "runs as root",
		`"ReadonlyRootfs":true→"x":1`:         "may change its files",
		`["ALL"]→["NET_RAW"]`:                 "has capabilities",
		`"no-new-privileges:true"→"apparmor"`: "may gain privileges",
		`"Memory":1→"Memory":0`:               "may take all memory",
		`"PidsLimit":1→"PidsLimit":null`:      "may start processes at will",
		`127.0.0.1→0.0.0.0`:                   "is open to other machines at 1/tcp",
	} {
		from, to, _ := strings.Cut(change, "→")
		var c container
		if err := json.Unmarshal([]byte(strings.Replace(confined, from, to, 1)), &c); err != nil {
			t.Fatal(err)
		}
		if got := strings.Join(c.freedoms(), ", "); got != freedom {
			t.Errorf("%s: %q, want %q", change, got, freedom)
		}
	}
}

func TestWithoutAnEngineNothingIsTestedAndThatIsSaid(t *testing.T) {
	t.Chdir("../..")
	t.Setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
	for ci, want := range map[string]int{"": 0, "true": 1} {
		t.Setenv("CI", ci)
		var out strings.Builder
		if code := run(context.Background(), &out); code != want || !strings.Contains(out.String(), "IS NOT TESTED") {
			t.Errorf("CI=%s: exit code %d, %s", ci, code, out.String())
		}
	}
}

func (l *ledger) count() (n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, bookings := range l.bookings {
		n += len(bookings)
	}
	return n
}
