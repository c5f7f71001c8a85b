package identity

import (
	"errors"
	"testing"
	"time"

	"github.com/google/uuid"
)

func TestAccessTokenNeedsAKnownRole(t *testing.T) {
	t.Parallel()
	for _, role := range []Role{"", "root"} {
		s := newTokens(t, newClock())
		tokens, err := s.issue(User{ID: uuid.New(), Role: role}, newFamily(s.now()))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Authenticate(tokens.Access)
		wantError(t, err, ErrInvalidToken)
	}
}

func TestLivesOfTokens(t *testing.T) {
	t.Parallel()
	c := newClock()
	s := newTokens(t, c)
	issued := c.now()
	tokens, err := s.issue(User{ID: uuid.New(), Role: RoleUser}, newFamily(issued))
	if err != nil {
		t.Fatal(err)
	}
	second := issued.Truncate(time.Second)
	if want := second.Add(15 * time.Minute); tokens.AccessExpiresAt != want {
		t.Errorf("access token expires at %v, want %v", tokens.AccessExpiresAt, want)
	}
	if want := second.Add(7 * 24 * time.Hour); tokens.RefreshExpiresAt != want {
		t.Errorf("refresh token expires at %v, want %v", tokens.RefreshExpiresAt, want)
	}
	check := func(k kind, token string, want error) {
		t.Helper()
		if err := k.check(s, token); !errors.Is(err, want) {
			t.Errorf("%s token after %v: got %v, want %v", k.name, c.now().Sub(issued), err, want)
		}
	}
	// An access token is seen at once and so remembered: that must not let it
	// live longer.
	check(kinds[0], tokens.Access, nil)
	if s.proofs.of(tokens.Access).Load() == nil {
		t.Fatal("a good token is not remembered")
	}
	c.advance(15*time.Minute + 4*time.Second)
	check(kinds[0], tokens.Access, nil)
	c.advance(time.Second)
	check(kinds[0], tokens.Access, ErrTokenExpired)
	check(kinds[1], tokens.Refresh, nil)
	c.advance(7*24*time.Hour - 15*time.Minute)
	check(kinds[1], tokens.Refresh, ErrTokenExpired)
}

func TestATokenDoesNotPassForAnotherThatHadItsPlace(t *testing.T) {
	t.Parallel()
	s := newTokens(t, newClock())
	var access [2]string
	var users [2]User
	for i := range access {
		users[i] = User{ID: uuid.New(), Role: RoleUser}
		tokens, err := s.issue(users[i], newFamily(s.now()))
		if err != nil {
			t.Fatal(err)
		}
		access[i] = tokens.Access
		if _, err := s.Authenticate(tokens.Access); err != nil {
			t.Fatal(err)
		}
	}
	s.proofs.of(access[0]).Store(s.proofs.of(access[1]).Load())
	s.proofs.of("nonsense").Store(s.proofs.of(access[1]).Load())
	for i, token := range access {
		if caller, err := s.Authenticate(token); err != nil || caller.UserID != users[i].ID {
			t.Errorf("token %d is of %v, %v", i, caller, err)
		}
	}
	_, err := s.Authenticate("nonsense")
	wantError(t, err, ErrInvalidToken)
}
