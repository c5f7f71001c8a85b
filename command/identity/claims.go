package identity

import (
	"errors"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// claims is the payload of both kinds of token. Times are whole Unix seconds;
// zero is missing. The library's own claims parse each time as a float and the
// audience as a list, which costs more than the signature.
type claims struct {
	Issuer    string    `json:"iss"`
	Audience  string    `json:"aud"`
	Subject   uuid.UUID `json:"sub"`
	Role      Role      `json:"role,omitempty"` // access tokens only
	Family    uuid.UUID `json:"fam,omitzero"`   // refresh tokens only
	IssuedAt  int64     `json:"iat"`
	NotBefore int64     `json:"nbf"`
	ExpiresAt int64     `json:"exp"`
	ID        uuid.UUID `json:"jti"`
}

// Validate is called by the library once the signature holds.
func (c *claims) Validate() error {
	if c.Subject == uuid.Nil || c.ID == uuid.Nil {
		return errors.New("subject or token id is missing")
	}
	return nil
}

func (c *claims) GetIssuer() (string, error)                   { return c.Issuer, nil }
func (c *claims) GetSubject() (string, error)                  { return c.Subject.String(), nil }
func (c *claims) GetAudience() (jwt.ClaimStrings, error)       { return jwt.ClaimStrings{c.Audience}, nil }
func (c *claims) GetIssuedAt() (*jwt.NumericDate, error)       { return date(c.IssuedAt), nil }
func (c *claims) GetNotBefore() (*jwt.NumericDate, error)      { return date(c.NotBefore), nil }
func (c *claims) GetExpirationTime() (*jwt.NumericDate, error) { return date(c.ExpiresAt), nil }

func date(seconds int64) *jwt.NumericDate {
	if seconds == 0 {
		return nil
	}
	return &jwt.NumericDate{Time: time.Unix(seconds, 0)}
}
