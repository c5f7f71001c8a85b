package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

// tokens writes so many, and returns the file.
func tokens(t *testing.T, n int) string {
	t.Helper()
	var all []string
	for i := range n {
		all = append(all, fmt.Sprint("token", i))
	}
	file := filepath.Join(t.TempDir(), "tokens")
	if err := os.WriteFile(file, []byte(strings.Join(all, "\n")), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// seen is what a server was asked.
type seen struct {
	mu       sync.Mutex
	requests []string // method, path, token, body
}

func (s *seen) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	s.requests = append(s.requests, strings.TrimSpace(fmt.Sprint(r.Method, " ", r.URL.Path, " ", token, " ", string(body))))
	s.mu.Unlock()
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"event":{"id":"other"},"hold":{"eventId":"other","id":"of-%s"}}`, token)
}

func serving(t *testing.T, h http.Handler) string {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL
}

func TestEveryRequestIsOfABuyerOfItsOwn(t *testing.T) {
	var s seen
	result, err := generate(t.Context(), job{
		URL: serving(t, &s), Method: http.MethodPost, Path: "/book", Body: `{"eventId":"{event}"}`, Events: []string{"a"}, Want: http.StatusCreated,
		Clients: 4, Requests: 20, First: 5, Tokens: tokens(t, 25),
	})
	if err != nil {
		t.Fatal(err)
	}
	came := make(map[string]int)
	for _, r := range s.requests {
		came[r]++
	}
	for i := 5; i < 25; i++ {
		if want := fmt.Sprintf(`POST /book token%d {"eventId":"a"}`, i); came[want] != 1 {
			t.Errorf("%d × %s", came[want], want)
		}
	}
	if result.Sent != 20 || result.Rate <= 0 || result.P50 <= 0 || result.P99 < result.P50 || result.Max < result.P99 {
		t.Errorf("%+v", result)
	}
}

func TestBuyersComeAgainWhereTheJobHasSoMany(t *testing.T) {
	var s seen
	_, err := generate(t.Context(), job{
		URL: serving(t, &s), Method: http.MethodGet, Path: "/events", Want: http.StatusCreated,
		Clients: 1, Requests: 4, Buyers: 2, Tokens: tokens(t, 9),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "GET /events token0,GET /events token1,GET /events token0,GET /events token1"
	if got := strings.Join(s.requests, ","); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestAHoldIsFollowedByWhatIsDoneWithIt(t *testing.T) {
	var s seen
	result, err := generate(t.Context(), job{
		URL: serving(t, &s), Method: http.MethodPost, Path: "/holds", Body: "{}", Then: "/holds/{hold}/confirm", Want: http.StatusCreated,
		Clients: 1, Requests: 1, Tokens: tokens(t, 1),
	})
	if err != nil {
		t.Fatal(err)
	}
	want := "POST /holds token0 {},POST /holds/of-token0/confirm token0"
	if got := strings.Join(s.requests, ","); got != want || result.Sent != 1 {
		t.Errorf("%s, want %s; %+v", got, want, result)
	}
}

func TestAnAnswerThatIsNotWantedIsTheError(t *testing.T) {
	address := serving(t, &seen{})
	j := job{URL: address, Method: http.MethodGet, Path: "/events", Clients: 2, Requests: 10, Tokens: tokens(t, 10)}
	for _, c := range []struct {
		want int
		code string
		told string
	}{{http.StatusOK, "", "answered 201, not 200"}, {http.StatusCreated, `"sold_out"`, `not 201 "sold_out": {"event":`}} {
		j.Want, j.Code = c.want, c.code
		if _, err := generate(t.Context(), j); err == nil || !strings.Contains(err.Error(), c.told) {
			t.Errorf("%v, want %s", err, c.told)
		}
	}
}

func TestToRunOutOfBuyersIsAnError(t *testing.T) {
	_, err := generate(t.Context(), job{
		URL: serving(t, &seen{}), Method: http.MethodGet, Path: "/events", Want: http.StatusCreated,
		Clients: 2, Length: time.Minute, Tokens: tokens(t, 10),
	})
	if err == nil || !strings.Contains(err.Error(), "10 buyers") {
		t.Error(err)
	}
}

func TestTheWarmUpDoesNotCount(t *testing.T) {
	began := time.Now()
	g := generator{began: began, job: job{Warm: time.Second, Length: 2 * time.Second}}
	for after, want := range map[time.Duration]bool{0: false, 999 * time.Millisecond: false, time.Second: true, 2999 * time.Millisecond: true, 3 * time.Second: false} {
		if g.counts(began.Add(after)) != want {
			t.Errorf("after %s: %v", after, !want)
		}
	}
}

func TestZipfAsksMostlyForTheFirstEvents(t *testing.T) {
	g := generator{job: job{Zipf: 1.1}}
	for i := range 1000 {
		g.requests = append(g.requests, template{path: fmt.Sprint(i)})
	}
	count := func() (first int) {
		for pick, n := g.draw(0), 0; n < 10_000; n++ {
			if pick().path == "0" {
				first++
			}
		}
		return first
	}
	if first := count(); first < 1000 {
		t.Errorf("with Zipf, %d of 10,000 for the first", first)
	}
	if g.Zipf = 0; count() > 100 {
		t.Errorf("evenly, %d of 10,000 for the first", count())
	}
}
