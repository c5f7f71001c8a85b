package identity

import (
	"errors"
	"fmt"
	"time"
)

var (
	// ErrEmailTaken: another account has this e-mail address, in any spelling
	// of its letters' case.
	ErrEmailTaken = errors.New("e-mail address is already registered")

	// ErrInvalidCredentials: no account has this e-mail address and password.
	// Which of the two is wrong is not told.
	ErrInvalidCredentials = errors.New("invalid credentials")

	// ErrInvalidToken: the token proves nothing. The error that wraps it also
	// wraps the cause, which is for logs and not for clients.
	ErrInvalidToken = errors.New("invalid token")

	// ErrTokenExpired: the token was good once. It comes with ErrInvalidToken.
	ErrTokenExpired = errors.New("token has expired")

	// ErrTokenReused: a refresh token came back after its use, so two parties
	// hold it and one of them should not. Its session has been ended. Worth a
	// warning in the log. It comes with ErrInvalidToken.
	ErrTokenReused = errors.New("refresh token was used before")

	// ErrBusy: too many passwords are waiting to be hashed. Nothing was
	// decided; try again in a few seconds.
	ErrBusy = errors.New("too many passwords are being hashed")

	// ErrTooManyAttempts: this account has failed to log in too often; see
	// AttemptsError, which always carries it.
	ErrTooManyAttempts = errors.New("too many failed log-ins")

	// ErrUserNotFound: no account has this id.
	ErrUserNotFound = errors.New("user not found")
)

// AttemptsError refuses to try another password for an account that has failed
// too often. It is the same for accounts that do not exist.
type AttemptsError struct {
	// RetryAfter is when the next attempt will be heard: above zero, at most a
	// minute.
	RetryAfter time.Duration
}

func (e *AttemptsError) Error() string {
	return fmt.Sprintf("%v, retry after %v", ErrTooManyAttempts, e.RetryAfter)
}

func (e *AttemptsError) Unwrap() error { return ErrTooManyAttempts }

// FieldError says what is wrong with one field of a request. Where several
// fields are wrong they come together in one errors.Join, at most one error a
// field, in the order of the struct's fields.
type FieldError struct {
	Field   string // as clients spell it: "email"
	Problem string // what it must be, readable after the field's name: "must be …"
}

func (e *FieldError) Error() string { return e.Field + " " + e.Problem }

// InvalidField returns the name of the field.
func (e *FieldError) InvalidField() string { return e.Field }
