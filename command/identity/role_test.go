package identity

import (
	"context"
	"errors"
	"testing"
)

func TestSetRole(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	ada, tokens := register(t, s, "ada@example.com")
	bob, _ := register(t, s, "bob@example.com")
	set := func(t *testing.T, email string, role Role, changed bool) {
		t.Helper()
		u, did, err := s.SetRole(t.Context(), email, role)
		if err != nil || did != changed || u.Role != role || u.ID != ada.ID {
			t.Errorf("%+v, changed %v, %v", u, did, err)
		}
	}
	t.Run("makes an admin of a user, whatever the case of the address", func(t *testing.T) { set(t, " ADA@example.com ", RoleAdmin, true) })
	t.Run("and changes nothing the second time", func(t *testing.T) { set(t, "ada@example.com", RoleAdmin, false) })
	t.Run("takes effect with the next refresh, and not before", func(t *testing.T) {
		if c, err := s.Authenticate(tokens.Access); err != nil || c.Role != RoleUser {
			t.Errorf("%+v, %v", c, err)
		}
		u, next, err := s.Refresh(t.Context(), tokens.Refresh)
		if err != nil || u.Role != RoleAdmin {
			t.Errorf("%+v, %v", u, err)
		}
		if c, err := s.Authenticate(next.Access); err != nil || c.Role != RoleAdmin {
			t.Errorf("%+v, %v", c, err)
		}
	})
	t.Run("leaves the others alone", func(t *testing.T) {
		if u, err := s.User(t.Context(), bob.ID); err != nil || u.Role != RoleUser {
			t.Errorf("%+v, %v", u, err)
		}
	})
	t.Run("makes a user of an admin", func(t *testing.T) { set(t, "ada@example.com", RoleUser, true) })
	t.Run("of nobody", func(t *testing.T) {
		for _, email := range []string{"eve@example.com", "eve", "", "%"} {
			_, _, err := s.SetRole(t.Context(), email, RoleAdmin)
			wantError(t, err, ErrUserNotFound)
		}
	})
	t.Run("to a role there is not", func(t *testing.T) {
		var field *FieldError
		if _, _, err := s.SetRole(t.Context(), "ada@example.com", "root"); !errors.As(err, &field) || field.Field != "role" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("at once: one change", func(t *testing.T) {
		changed := errors.New("changed")
		got := race(t, 8, func(ctx context.Context, _ int) error {
			if _, did, err := s.SetRole(ctx, "bob@example.com", RoleAdmin); err != nil || did {
				return errors.Join(err, changed)
			}
			return nil
		}, nil, changed)
		if got[changed] != 1 {
			t.Errorf("%d changes", got[changed])
		}
	})
}
