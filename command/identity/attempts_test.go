package identity

import (
	"errors"
	"fmt"
	"testing"
	"time"
)

func TestAttempts(t *testing.T) {
	t.Parallel()
	start := time.Date(2030, 1, 1, 0, 0, 0, 0, time.UTC)
	ada := keyOf("ada@example.com")
	// fail begins one attempt at each of the given seconds.
	fail := func(t *testing.T, a *attempts, account accountKey, seconds ...int) {
		t.Helper()
		for _, s := range seconds {
			if err := a.begin(account, start.Add(time.Duration(s)*time.Second)); err != nil {
				t.Fatalf("attempt at %d s: %v", s, err)
			}
		}
	}
	refused := func(t *testing.T, a *attempts, account accountKey, second int, retry time.Duration) {
		t.Helper()
		err := a.begin(account, start.Add(time.Duration(second)*time.Second))
		var limit *AttemptsError
		if !errors.As(err, &limit) || !errors.Is(err, ErrTooManyAttempts) {
			t.Fatalf("got %v, want an *AttemptsError", err)
		}
		if limit.RetryAfter != retry {
			t.Errorf("retry after %v, want %v", limit.RetryAfter, retry)
		}
	}
	for name, test := range map[string]func(*testing.T, *attempts){
		"over the limit is refused until the oldest is a window old": func(t *testing.T, a *attempts) {
			fail(t, a, ada, 0, 10, 20)
			refused(t, a, ada, 30, 30*time.Second)
			refused(t, a, ada, 59, time.Second)
			fail(t, a, ada, 60)
			refused(t, a, ada, 61, 9*time.Second)
		},
		"being refused costs nothing more": func(t *testing.T, a *attempts) {
			fail(t, a, ada, 0, 0, 0)
			for range 100 {
				refused(t, a, ada, 59, time.Second)
			}
			fail(t, a, ada, 60, 60, 60)
		},
		"a forgiven attempt does not count": func(t *testing.T, a *attempts) {
			for range 10 {
				fail(t, a, ada, 0)
				a.forgive(ada, start)
			}
			if n := a.recent.Len(); n != 0 {
				t.Errorf("%d accounts remembered for nothing", n)
			}
			fail(t, a, ada, 0, 1, 2)
			a.forgive(ada, start.Add(time.Second))
			fail(t, a, ada, 3)
			refused(t, a, ada, 3, 57*time.Second)
		},
		"a success does not pay for failures": func(t *testing.T, a *attempts) {
			fail(t, a, ada, 0, 1, 2)
			a.forgive(ada, start.Add(2*time.Second))
			fail(t, a, ada, 3)
			refused(t, a, ada, 4, 56*time.Second)
		},
		"forgiving what was forgotten changes nothing": func(t *testing.T, a *attempts) {
			fail(t, a, ada, 0)
			a.forgive(ada, start.Add(time.Second))
			a.forgive(keyOf("nobody@example.com"), start)
			fail(t, a, ada, 0, 0)
			refused(t, a, ada, 0, time.Minute)
		},
		"accounts do not share": func(t *testing.T, a *attempts) {
			fail(t, a, ada, 0, 0, 0)
			fail(t, a, keyOf("bob@example.com"), 0, 0, 0)
		},
		"letter case and white space are one account": func(t *testing.T, a *attempts) {
			fail(t, a, ada, 0)
			fail(t, a, keyOf(" ADA@example.com "), 0, 0)
			refused(t, a, keyOf("Ada@Example.com"), 0, time.Minute)
		},
		"memory is bounded and forgets the oldest": func(t *testing.T, a *attempts) {
			fail(t, a, ada, 0, 0, 0)
			for i := range 100 {
				fail(t, a, keyOf(fmt.Sprint(i)), 1)
			}
			if n := a.recent.Len(); n != 8 {
				t.Errorf("%d accounts remembered, want 8", n)
			}
			fail(t, a, ada, 1)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newAttempts(3, time.Minute, 8))
		})
	}
}
