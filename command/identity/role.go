package identity

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
)

// The row's lock makes two changes at once come one after the other, so that each can tell what it changed.
const setRole = `
WITH was AS (SELECT id, role FROM users WHERE lower(email) = lower($1) FOR UPDATE)
UPDATE users u
SET role       = $2,
    updated_at = CASE WHEN u.role = $2 THEN u.updated_at ELSE $3 END
FROM was
WHERE u.id = was.id
RETURNING u.id, u.email, u.name, u.role, u.created_at, was.role <> $2`

// SetRole gives the account with this e-mail address a role; changed tells
// whether it had another. It returns ErrUserNotFound when there is no such
// account, and a *FieldError for a role there is not.
//
// Sessions go on. An access token is believed with the role it was made with,
// so the new one takes effect with the next refresh, after [AccessLife] at the
// latest.
func (s *Service) SetRole(ctx context.Context, email string, role Role) (u User, changed bool, err error) {
	if !role.known() {
		return User{}, false, &FieldError{"role", "must be user or admin"}
	}
	email = strings.TrimSpace(email)
	if emailProblem(email) != "" {
		return User{}, false, ErrUserNotFound
	}
	err = s.pool.QueryRow(ctx, setRole, email, role, s.now().UTC()).Scan(append(u.columns(), &changed)...)
	if errors.Is(err, pgx.ErrNoRows) {
		return User{}, false, ErrUserNotFound
	}
	if err != nil {
		return User{}, false, fmt.Errorf("set a role: %w", err)
	}
	return u.inUTC(), changed, nil
}
