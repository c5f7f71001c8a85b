package identity

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestRefresh(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	later := reuseGrace + time.Second
	reused := func(t *testing.T, token string) {
		t.Helper()
		_, _, err := s.Refresh(t.Context(), token)
		wantError(t, err, ErrTokenReused)
		wantError(t, err, ErrInvalidToken)
	}
	over := func(t *testing.T, token string) {
		t.Helper()
		_, _, err := s.Refresh(t.Context(), token)
		wantError(t, err, ErrInvalidToken)
	}
	u, _ := register(t, s, "ada@example.com")
	logIn := func(t *testing.T) Tokens {
		t.Helper()
		_, tokens, err := s.LogIn(t.Context(), u.Email, password)
		if err != nil {
			t.Fatal(err)
		}
		return tokens
	}
	// Rows share the clock, so they run one after another.
	for _, row := range []struct {
		name string
		test func(t *testing.T, first Tokens)
	}{
		{"gives the user and a new pair that works", func(t *testing.T, first Tokens) {
			c.advance(time.Minute)
			got, second, err := s.Refresh(t.Context(), first.Refresh)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(u, got); diff != "" {
				t.Error(diff)
			}
			if second.Refresh == first.Refresh || second.Access == first.Access {
				t.Error("a token stayed the same")
			}
			if want := first.RefreshExpiresAt.Add(time.Minute); second.RefreshExpiresAt != want {
				t.Errorf("expires at %v, want %v", second.RefreshExpiresAt, want)
			}
			if caller, err := s.Authenticate(second.Access); err != nil || caller.UserID != u.ID {
				t.Errorf("got %v, %v", caller, err)
			}
		}},
		{"a session lives as long as it is used", func(t *testing.T, first Tokens) {
			token := first.Refresh
			for range 5 {
				c.advance(RefreshLife - time.Second)
				token = refresh(t, s, token)
			}
			c.advance(RefreshLife + leeway)
			_, _, err := s.Refresh(t.Context(), token)
			wantError(t, err, ErrTokenExpired)
		}},
		{"a token used twice ends its family, the newest included", func(t *testing.T, first Tokens) {
			newest := refresh(t, s, refresh(t, s, first.Refresh))
			c.advance(later)
			reused(t, first.Refresh)
			over(t, newest)
		}},
		{"a token used twice leaves other log-ins alone", func(t *testing.T, first Tokens) {
			other := logIn(t)
			refresh(t, s, first.Refresh)
			c.advance(later)
			reused(t, first.Refresh)
			refresh(t, s, other.Refresh)
		}},
		{"two tabs within the grace get a pair each", func(t *testing.T, first Tokens) {
			a := refresh(t, s, first.Refresh)
			c.advance(reuseGrace)
			b := refresh(t, s, first.Refresh)
			if x, y := claimsOf(t, s, a), claimsOf(t, s, b); x.ID != y.ID || x.ExpiresAt != y.ExpiresAt {
				t.Errorf("the grace opened a second line: %v and %v", x, y)
			}
			refresh(t, s, b)
			refresh(t, s, a) // again two tabs
		}},
		{"the grace is given once", func(t *testing.T, first Tokens) {
			newest := refresh(t, s, first.Refresh)
			refresh(t, s, first.Refresh)
			reused(t, first.Refresh)
			over(t, newest)
		}},
		{"the grace ends", func(t *testing.T, first Tokens) {
			newest := refresh(t, s, first.Refresh)
			c.advance(reuseGrace + time.Microsecond)
			reused(t, first.Refresh)
			over(t, newest)
		}},
		{"the grace ends when the successor is used", func(t *testing.T, first Tokens) {
			newest := refresh(t, s, refresh(t, s, first.Refresh))
			reused(t, first.Refresh)
			over(t, newest)
		}},
		{"each token of a family has its own grace", func(t *testing.T, first Tokens) {
			refresh(t, s, first.Refresh)
			second := refresh(t, s, first.Refresh)
			refresh(t, s, second)
			third := refresh(t, s, second)
			refresh(t, s, third)
		}},
		{"a thief within the grace is found out at the next refresh", func(t *testing.T, first Tokens) {
			honest := refresh(t, s, first.Refresh)
			stolen := refresh(t, s, first.Refresh)
			c.advance(AccessLife)
			next := refresh(t, s, stolen)
			c.advance(AccessLife)
			reused(t, honest)
			over(t, next)
		}},
		{"a log-out ends the family, whichever of its tokens comes", func(t *testing.T, first Tokens) {
			newest := refresh(t, s, first.Refresh)
			if err := s.LogOut(t.Context(), first.Refresh); err != nil {
				t.Fatal(err)
			}
			over(t, newest)
			over(t, first.Refresh)
		}},
		{"a log-out does not take back access tokens", func(t *testing.T, first Tokens) {
			if err := s.LogOut(t.Context(), first.Refresh); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Authenticate(first.Access); err != nil {
				t.Error(err)
			}
		}},
		{"a log-out with a token that opens nothing is no error", func(t *testing.T, first Tokens) {
			for _, token := range []string{"", "garbage", first.Access, first.Refresh, first.Refresh} {
				if err := s.LogOut(t.Context(), token); err != nil {
					t.Errorf("token %.10q: %v", token, err)
				}
			}
			c.advance(RefreshLife + leeway)
			if err := s.LogOut(t.Context(), first.Refresh); err != nil {
				t.Errorf("expired: %v", err)
			}
		}},
		{"an access token does not refresh", func(t *testing.T, first Tokens) {
			over(t, first.Access)
			refresh(t, s, first.Refresh)
		}},
		{"a thief who hangs up does not keep the family alive", func(t *testing.T, first Tokens) {
			gone, hangUp := context.WithCancel(t.Context())
			hangUp()
			wantError(t, s.punish(gone, familyOf(t, s, first.Refresh)), ErrTokenReused)
			over(t, first.Refresh)
		}},
	} {
		t.Run(row.name, func(t *testing.T) { row.test(t, logIn(t)) })
	}
}

func claimsOf(t *testing.T, s *Service, token string) claims {
	t.Helper()
	c, err := s.refresh.verify(token)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestANewRoleTakesEffectAtTheNextRefresh(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	u, tokens := register(t, s, "ada@example.com")
	if _, err := s.pool.Exec(t.Context(), `UPDATE users SET role = 'admin' WHERE id = $1`, u.ID); err != nil {
		t.Fatal(err)
	}
	if caller, _ := s.Authenticate(tokens.Access); caller.Role != RoleUser {
		t.Errorf("the old token proves %q", caller.Role)
	}
	u, tokens, err := s.Refresh(t.Context(), tokens.Refresh)
	if err != nil || u.Role != RoleAdmin {
		t.Fatalf("got %v, %v", u, err)
	}
	if caller, _ := s.Authenticate(tokens.Access); caller.Role != RoleAdmin {
		t.Errorf("the new token proves %q", caller.Role)
	}
}

func TestADeletedUserCannotRefresh(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	u, tokens := register(t, s, "ada@example.com")
	if _, err := s.pool.Exec(t.Context(), `DELETE FROM users WHERE id = $1`, u.ID); err != nil {
		t.Fatal(err)
	}
	_, _, err := s.Refresh(t.Context(), tokens.Refresh)
	wantError(t, err, ErrInvalidToken)
}

func TestExpiredSessionsAreSweptAsOthersOpen(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	u, _ := register(t, s, "ada@example.com")
	for range 20 {
		if err := newFamily(c.now()).open(t.Context(), s.pool, u.ID, c.now()); err != nil {
			t.Fatal(err)
		}
	}
	c.advance(RefreshLife + time.Minute)
	for _, want := range []int{14, 7, 3, 4, 5} { // 21 expired, eight a log-in
		if _, _, err := s.LogIn(t.Context(), u.Email, password); err != nil {
			t.Fatal(err)
		}
		if n := countRows(t, s, "refresh_families"); n != want {
			t.Errorf("%d sessions, want %d", n, want)
		}
	}
}

func TestSecretsDoNotShowInErrors(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	_, tokens := register(t, s, "ada@example.com")
	refresh(t, s, tokens.Refresh)
	c.advance(time.Minute)
	_, _, reuse := s.Refresh(t.Context(), tokens.Refresh)
	s.pool.Close()
	_, _, refreshErr := s.Refresh(t.Context(), tokens.Refresh)
	_, _, logInErr := s.LogIn(t.Context(), "ada@example.com", password)
	_, _, registerErr := s.Register(t.Context(), Registration{Email: "eve@example.com", Password: password, Name: "Eve"})
	for _, err := range []error{reuse, refreshErr, logInErr, registerErr, s.LogOut(t.Context(), tokens.Refresh)} {
		if err == nil {
			t.Fatal("want an error")
		}
		for _, secret := range []string{password, "example.com", tokens.Refresh, string(refreshSecret)} {
			if strings.Contains(err.Error(), secret) {
				t.Errorf("%q tells %q", err, secret)
			}
		}
	}
}
