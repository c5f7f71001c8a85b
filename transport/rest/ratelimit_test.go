package rest

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// Whatever was done in the two minutes, a client that comes back when it is told to is let through, and one that comes a second
// earlier is not.
func TestRetryAfterIsWhenTheNextTryIsLetThrough(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(r *rapid.T) {
		limit := rapid.IntRange(1, 200).Draw(r, "limit")
		before, after := rapid.IntRange(0, limit).Draw(r, "tries before"), rapid.IntRange(0, limit).Draw(r, "tries after")
		pause := time.Duration(rapid.IntRange(0, 119_999).Draw(r, "pause in ms")) * time.Millisecond
		var wrong string // told outside of the bubble: rapid fails by panicking
		synctest.Test(t, func(*testing.T) { wrong = comeBackWhenTold(limit, before, after, pause) })
		if wrong != "" {
			r.Fatal(wrong)
		}
	})
}

// comeBackWhenTold does things in two bursts and more of them until it is told to wait, and returns what is wrong with that.
func comeBackWhenTold(limit, before, after int, pause time.Duration) string {
	a := &api{perUser: newLimiter(limit)}
	for range before {
		_ = try(a)
	}
	<-time.After(pause)
	for range after {
		_ = try(a)
	}
	wait := try(a)
	for tries := 0; wait == 0; tries++ {
		if wait = try(a); tries > limit {
			return "there is no limit"
		}
	}
	<-time.After(wait - time.Second)
	if early := try(a); early == 0 {
		return fmt.Sprintf("told to wait %v, and let through a second earlier", wait)
	}
	<-time.After(time.Second)
	if again := try(a); again != 0 {
		return fmt.Sprintf("told to wait %v, and then %v more", wait, again)
	}
	return ""
}

// try does one thing that is limited, and returns for how long it is told to wait; zero: it was let through.
func try(a *api) time.Duration {
	w := httptest.NewRecorder()
	err := a.limit(&call{ResponseWriter: w, r: httptest.NewRequest(http.MethodPost, "/book", nil)}, perUser)
	if !errors.Is(err, errRateLimited) {
		return 0
	}
	seconds, err := strconv.Atoi(w.Header().Get("Retry-After"))
	if err != nil {
		panic(err)
	}
	return time.Duration(seconds) * time.Second
}
