package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// Role says what a user may do beyond their own things. The values are stored
// and travel in tokens.
type Role string

const (
	RoleUser  Role = "user"
	RoleAdmin Role = "admin" // sees everybody's bookings
)

func (r Role) known() bool { return r == RoleUser || r == RoleAdmin }

// User is an account as anybody who may see it sees it.
type User struct {
	ID        uuid.UUID
	Email     string // as given at registration
	Name      string
	Role      Role
	CreatedAt time.Time // UTC, whole microseconds
}

const userByID = `SELECT id, email, name, role, created_at FROM users WHERE id = $1`

// User returns the account with this id, or ErrUserNotFound.
func (s *Service) User(ctx context.Context, id uuid.UUID) (User, error) {
	var u User
	err := s.pool.QueryRow(ctx, userByID, id).Scan(u.columns()...)
	if errors.Is(err, pgx.ErrNoRows) {
		return User{}, ErrUserNotFound
	}
	if err != nil {
		return User{}, fmt.Errorf("read user %s: %w", id, err)
	}
	return u.inUTC(), nil
}

// columns are u's places for id, email, name, role, created_at.
func (u *User) columns() []any {
	return []any{&u.ID, &u.Email, &u.Name, &u.Role, &u.CreatedAt}
}

func (u User) inUTC() User {
	u.CreatedAt = u.CreatedAt.UTC()
	return u
}
