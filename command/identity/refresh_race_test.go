package identity

import (
	"context"
	"sync"
	"testing"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

const racers = 16

func TestOneTokenRacedByManyGivesTwoPairsAndEndsTheFamily(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	_, tokens := register(t, s, "ada@example.com")
	pairs := make(chan Tokens, racers)
	counts := race(t, racers, func(ctx context.Context, _ int) error {
		_, tokens, err := s.Refresh(ctx, tokens.Refresh)
		if err == nil {
			pairs <- tokens
		}
		return err
	}, nil, ErrTokenReused, ErrInvalidToken)
	if counts[nil] != 2 || counts[ErrTokenReused] != 1 || counts[ErrInvalidToken] != racers-3 {
		t.Errorf("got %v, want two pairs, one alarm, and refusals", counts)
	}
	for range len(pairs) {
		_, _, err := s.Refresh(t.Context(), (<-pairs).Refresh)
		wantError(t, err, ErrInvalidToken)
	}
	if n := countRows(t, s, "refresh_families"); n != 0 {
		t.Errorf("%d families left", n)
	}
}

// The negative control: the same race against a rotation that looks first and
// writes then must give more pairs, or the race above proves nothing.
func TestARotationThatLooksFirstLosesTheRace(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	_, tokens := register(t, s, "ada@example.com")
	c := claimsOf(t, s, tokens.Refresh)
	var looked sync.WaitGroup
	looked.Add(racers)
	counts := race(t, racers, func(ctx context.Context, _ int) error {
		var live uuid.UUID
		err := s.pool.QueryRow(ctx, `SELECT live_token FROM refresh_families WHERE id = $1`, c.Family).Scan(&live)
		looked.Done()
		if err != nil {
			return err
		}
		looked.Wait()
		if live != c.ID {
			return pgx.ErrNoRows
		}
		_, err = s.pool.Exec(ctx, `UPDATE refresh_families SET live_token = $2 WHERE id = $1`, c.Family, uuid.New())
		return err
	}, nil, pgx.ErrNoRows)
	if counts[nil] != racers {
		t.Errorf("got %v: the race does not race", counts)
	}
}

func TestTwoTabsAtOnceStayLoggedIn(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	_, tokens := register(t, s, "ada@example.com")
	for range 20 {
		var next [2]string
		race(t, len(next), func(ctx context.Context, i int) error {
			_, got, err := s.Refresh(ctx, tokens.Refresh)
			next[i] = got.Refresh
			return err
		}, nil)
		if a, b := claimsOf(t, s, next[0]), claimsOf(t, s, next[1]); a.ID != b.ID {
			t.Fatal("the tabs got different successors")
		}
		tokens.Refresh = next[0]
	}
}

// Either the refresh comes first and its pair dies with the family, or it is
// refused: no order leaves a live session behind.
func TestALogOutRacingRefreshesLeavesNoSession(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	u, _ := register(t, s, "ada@example.com")
	for range 20 {
		_, tokens, err := s.LogIn(t.Context(), u.Email, password)
		if err != nil {
			t.Fatal(err)
		}
		var next Tokens
		race(t, 2, func(ctx context.Context, i int) (err error) {
			if i == 0 {
				return s.LogOut(ctx, tokens.Refresh)
			}
			_, next, err = s.Refresh(ctx, tokens.Refresh)
			return err
		}, nil, ErrInvalidToken)
		for _, token := range []string{tokens.Refresh, next.Refresh} {
			_, _, err := s.Refresh(t.Context(), token)
			wantError(t, err, ErrInvalidToken)
		}
	}
	if n := countRows(t, s, "refresh_families"); n != 1 {
		t.Errorf("%d sessions left, want the first alone", n)
	}
}
