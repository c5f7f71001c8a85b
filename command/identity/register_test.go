package identity

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

func TestRegister(t *testing.T) {
	t.Parallel()
	s, c := newService(t)
	u, tokens, err := s.Register(t.Context(), Registration{Email: " Ada@Example.com ", Password: password, Name: " Ada "})
	if err != nil {
		t.Fatal(err)
	}
	t.Run("gives the account, trimmed, as a plain user", func(t *testing.T) {
		want := User{ID: u.ID, Email: "Ada@Example.com", Name: "Ada", Role: RoleUser, CreatedAt: u.CreatedAt}
		if diff := cmp.Diff(want, u); diff != "" {
			t.Error(diff)
		}
		if d := c.now().Sub(u.CreatedAt); d < 0 || d.Microseconds() > 0 {
			t.Errorf("created %v before now", d)
		}
	})
	t.Run("gives the account as it is stored", func(t *testing.T) {
		stored, err := s.User(t.Context(), u.ID)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(u, stored); diff != "" {
			t.Error(diff)
		}
	})
	t.Run("gives tokens that work", func(t *testing.T) {
		caller, err := s.Authenticate(tokens.Access)
		if want := (Caller{u.ID, RoleUser, tokens.AccessExpiresAt}); err != nil || caller != want {
			t.Errorf("got %v, %v, want %v", caller, err, want)
		}
		refresh(t, s, tokens.Refresh)
	})
	t.Run("refuses the same address in any case of its letters", func(t *testing.T) {
		for _, email := range []string{"Ada@Example.com", "ada@example.com", " ADA@EXAMPLE.COM"} {
			_, _, err := s.Register(t.Context(), Registration{Email: email, Password: password, Name: "Eve"})
			wantError(t, err, ErrEmailTaken)
			if strings.Contains(strings.ToLower(err.Error()), "ada@") { // an id may have the letters
				t.Errorf("the error tells the address: %v", err)
			}
		}
	})
	t.Run("writes nothing when a field is wrong", func(t *testing.T) {
		_, _, err := s.Register(t.Context(), Registration{Email: "eve@example.com", Password: "short", Name: "Eve"})
		var field *FieldError
		if !errors.As(err, &field) || field.Field != "password" {
			t.Errorf("got %v, want a *FieldError for password", err)
		}
		if n := countRows(t, s, "users"); n != 1 {
			t.Errorf("%d users, want 1", n)
		}
	})
	t.Run("a user nobody knows is not found", func(t *testing.T) {
		_, err := s.User(t.Context(), uuid.New())
		wantError(t, err, ErrUserNotFound)
	})
}

func TestNothingSecretIsStored(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	_, tokens := register(t, s, "ada@example.com")
	tokens.Refresh = refresh(t, s, tokens.Refresh)
	var rows string
	const everything = `
SELECT string_agg(row, ' ') FROM (SELECT u::text FROM users u UNION ALL SELECT f::text FROM refresh_families f) AS rows(row)`
	if err := s.pool.QueryRow(t.Context(), everything).Scan(&rows); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(rows, "$2a$04$") {
		t.Errorf("no bcrypt hash in %s", rows)
	}
	signature := tokens.Refresh[strings.LastIndexByte(tokens.Refresh, '.')+1:]
	for _, secret := range []string{password, tokens.Refresh, tokens.Access, signature} {
		if strings.Contains(rows, secret) {
			t.Errorf("%q is stored: %s", secret, rows)
		}
	}
}

// Spelled differently, so that only the index can tell that they are one.
func TestOneAddressIsRegisteredOnceWhoeverRaces(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	const n = 16
	counts := race(t, n, func(ctx context.Context, i int) error {
		email := []byte("ada.lovelaceinbyron@example.com")
		email[i] = strings.ToUpper(string(email[i]))[0]
		_, _, err := s.Register(ctx, Registration{Email: string(email), Password: password, Name: "Ada"})
		return err
	}, nil, ErrEmailTaken)
	if counts[nil] != 1 || counts[ErrEmailTaken] != n-1 {
		t.Errorf("got %v, want one winner", counts)
	}
	if users, families := countRows(t, s, "users"), countRows(t, s, "refresh_families"); users != 1 || families != 1 {
		t.Errorf("%d users and %d families, want one each", users, families)
	}
}

func TestEnsure(t *testing.T) {
	t.Parallel()
	s, _ := newService(t)
	first := Registration{Email: "Root@example.com", Password: password, Name: "Root"}

	admin, created, err := s.Ensure(t.Context(), first, RoleAdmin)
	if err != nil || !created || admin.Role != RoleAdmin {
		t.Fatalf("got %v, created %v, %v", admin, created, err)
	}
	t.Run("the second time changes nothing", func(t *testing.T) {
		again, created, err := s.Ensure(t.Context(),
			Registration{Email: "root@EXAMPLE.com", Password: "another pass 2", Name: "Other"}, RoleUser)
		if err != nil || created {
			t.Fatalf("created %v, %v", created, err)
		}
		if diff := cmp.Diff(admin, again); diff != "" {
			t.Error(diff)
		}
		if _, _, err := s.LogIn(t.Context(), first.Email, first.Password); err != nil {
			t.Errorf("the first password no longer works: %v", err)
		}
	})
	t.Run("the second time hashes nothing", func(t *testing.T) {
		defer fill(s.gate)()
		if _, _, err := s.Ensure(t.Context(), first, RoleAdmin); err != nil {
			t.Error(err)
		}
	})
	t.Run("many nodes at once make one", func(t *testing.T) {
		var ids [8]uuid.UUID
		made := make(chan struct{}, len(ids))
		race(t, len(ids), func(ctx context.Context, i int) error {
			u, created, err := s.Ensure(ctx, Registration{Email: "seed@example.com", Password: password, Name: "Seed"}, RoleUser)
			if created {
				made <- struct{}{}
			}
			ids[i] = u.ID
			return err
		}, nil)
		if len(made) != 1 {
			t.Errorf("made %d times", len(made))
		}
		for _, id := range ids {
			if id != ids[0] || id == uuid.Nil {
				t.Fatalf("not one user: %v", ids)
			}
		}
	})
	t.Run("a wrong field or role is refused", func(t *testing.T) {
		for _, test := range []struct {
			r     Registration
			role  Role
			field string
		}{
			{Registration{Email: "x", Password: password, Name: "Seed"}, RoleUser, "email"},
			{Registration{Email: "x@example.com", Password: password, Name: "Seed"}, "root", "role"},
		} {
			_, _, err := s.Ensure(t.Context(), test.r, test.role)
			var field *FieldError
			if !errors.As(err, &field) || field.Field != test.field {
				t.Errorf("got %v, want a *FieldError for %s", err, test.field)
			}
		}
	})
}
