package identity

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/crypto/bcrypt"
)

func TestLogIn(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	u, registered := register(t, s, "Ada@example.com")
	t.Run("by the address in any case of its letters", func(t *testing.T) {
		for _, email := range []string{"Ada@example.com", "ADA@EXAMPLE.COM", " ada@example.com "} {
			got, tokens, err := s.LogIn(t.Context(), email, password)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(u, got); diff != "" {
				t.Error(diff)
			}
			if caller, err := s.Authenticate(tokens.Access); err != nil || caller.UserID != u.ID {
				t.Errorf("got %v, %v", caller, err)
			}
		}
	})
	t.Run("leaves other sessions alone", func(t *testing.T) {
		_, tokens, err := s.LogIn(t.Context(), u.Email, password)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.LogOut(t.Context(), tokens.Refresh); err != nil {
			t.Fatal(err)
		}
		refresh(t, s, registered.Refresh)
	})
}

// Time is measured by what takes it: each failure compares once, at the same
// cost, and says the same words.
func TestFailedLogInsCannotBeToldApart(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	longest := strings.Repeat("p", 71) + "1"
	if _, _, err := s.Register(t.Context(), Registration{Email: "long@example.com", Password: longest, Name: "Long"}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Register(t.Context(), Registration{Email: "short@example.com", Password: "secret12", Name: "Short"}); err != nil {
		t.Fatal(err)
	}
	var costs []int
	compare := s.compare
	s.compare = func(ctx context.Context, hash, password []byte) error {
		cost, err := bcrypt.Cost(hash)
		if err != nil {
			t.Errorf("hash %q: %v", hash, err)
		}
		costs = append(costs, cost)
		return compare(ctx, hash, password)
	}
	var words string
	for _, test := range []struct{ name, email, password string }{
		{"wrong password", "long@example.com", "wrong1234"},
		{"unknown address", "nobody@example.com", longest},
		{"malformed address", "nobody", longest},
		{"no address", "", longest},
		{"an address that SQL cannot hold", "long@example.com\x00", longest},
		{"an endless address", strings.Repeat("x", 1<<16) + "@example.com", longest},
		{"no password", "long@example.com", ""},
		{"a password that goes on where bcrypt stops reading", "long@example.com", longest + "x"},
		{"a password that bcrypt reads round in a circle", "short@example.com", "secret12\x00secret12"},
		{"a password of no text", "long@example.com", "\xff"},
	} {
		costs = nil
		_, _, err := s.LogIn(t.Context(), test.email, test.password)
		if !errors.Is(err, ErrInvalidCredentials) {
			t.Errorf("%s: got %v, want ErrInvalidCredentials", test.name, err)
			continue
		}
		if diff := cmp.Diff([]int{4}, costs); diff != "" {
			t.Errorf("%s: costs of comparisons: %s", test.name, diff)
		}
		if words == "" {
			words = err.Error()
		}
		if err.Error() != words {
			t.Errorf("%s: says %q, others %q", test.name, err, words)
		}
	}
}

func TestGuessingIsLimited(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	register(t, s, "ada@example.com")
	for _, email := range []string{"ada@example.com", "nobody@example.com"} {
		t.Run(email+" all at once", func(t *testing.T) {
			counts := race(t, 40, func(ctx context.Context, _ int) error {
				_, _, err := s.LogIn(ctx, email, "wrong1234")
				return err
			}, ErrInvalidCredentials, ErrTooManyAttempts)
			if counts[ErrInvalidCredentials] != 10 || counts[ErrTooManyAttempts] != 30 {
				t.Errorf("got %v, want 10 guesses heard", counts)
			}
		})
		t.Run(email+" says how long to wait", func(t *testing.T) {
			_, _, err := s.LogIn(t.Context(), email, "wrong1234")
			var limit *AttemptsError
			if !errors.As(err, &limit) || limit.RetryAfter != time.Minute {
				t.Errorf("got %v, want to wait a minute", err)
			}
		})
	}
	_, _, err := s.LogIn(t.Context(), "ada@example.com", password)
	wantError(t, err, ErrTooManyAttempts)
	c.advance(time.Minute)
	for range 20 { // successes are not counted
		if _, _, err := s.LogIn(t.Context(), "ada@example.com", password); err != nil {
			t.Fatal(err)
		}
	}
}

func TestLogInStorm(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	register(t, s, "ada@example.com")
	empty := fill(s.gate)
	t.Run("is refused at once and counts against nobody", func(t *testing.T) {
		for range 2 * maxFailedAttempts {
			_, _, err := s.LogIn(t.Context(), "ada@example.com", "wrong1234")
			wantError(t, err, ErrBusy)
		}
		_, _, err := s.Register(t.Context(), Registration{Email: "eve@example.com", Password: password, Name: "Eve"})
		wantError(t, err, ErrBusy)
	})
	empty()
	t.Run("who hangs up while waiting is not counted", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		for range 2 * maxFailedAttempts {
			_, _, err := s.LogIn(ctx, "ada@example.com", "wrong1234")
			wantError(t, err, context.Canceled)
		}
	})
	t.Run("is over when it is over", func(t *testing.T) {
		if _, _, err := s.LogIn(t.Context(), "ada@example.com", password); err != nil {
			t.Error(err)
		}
	})
}
