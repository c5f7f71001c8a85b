package identity

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

const (
	issuer   = "onsale"
	leeway   = 5 * time.Second // for nodes whose clocks differ
	maxToken = 2048            // bytes; ours have about 400
)

// Tokens is what a session gets: an access token to call with and a refresh
// token, good for one use, to get the next pair with. The times are UTC and
// whole seconds, as in the tokens.
type Tokens struct {
	Access, Refresh                   string
	AccessExpiresAt, RefreshExpiresAt time.Time
}

// issue signs a pair for the session f of user u.
func (s *Service) issue(u User, f family) (Tokens, error) {
	now := s.now().UTC().Truncate(time.Second)
	t := Tokens{AccessExpiresAt: now.Add(AccessLife), RefreshExpiresAt: f.expiresAt.UTC()}
	var accessErr, refreshErr error
	t.Access, accessErr = s.access.sign(claims{
		Subject: u.ID, Role: u.Role, ID: uuid.New(),
		IssuedAt: now.Unix(), ExpiresAt: t.AccessExpiresAt.Unix(),
	})
	t.Refresh, refreshErr = s.refresh.sign(claims{
		Subject: u.ID, Family: f.id, ID: f.live,
		IssuedAt: now.Unix(), ExpiresAt: t.RefreshExpiresAt.Unix(),
	})
	if err := errors.Join(accessErr, refreshErr); err != nil {
		return Tokens{}, fmt.Errorf("sign tokens of user %s: %w", u.ID, err)
	}
	return t, nil
}

// signer makes and checks one kind of token: HS256 under its own secret, for
// its own audience, so that no kind passes for another even if the secrets
// were the same.
type signer struct {
	audience  string
	secret    []byte
	header    string // of every token of ours, with the dot that ends it
	validator *jwt.Validator
}

func newSigner(audience string, secret []byte, clock func() time.Time) signer {
	return signer{
		audience: audience,
		secret:   slices.Clone(secret),
		header:   base64url.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`)) + ".",
		validator: jwt.NewValidator(
			jwt.WithIssuer(issuer),
			jwt.WithAudience(audience),
			jwt.WithExpirationRequired(),
			jwt.WithNotBeforeRequired(),
			jwt.WithIssuedAt(),
			jwt.WithLeeway(leeway),
			jwt.WithTimeFunc(clock),
		),
	}
}

var base64url = base64.RawURLEncoding.Strict()

// sign fills in issuer, audience and not-before.
func (s signer) sign(c claims) (string, error) {
	c.Issuer, c.Audience, c.NotBefore = issuer, s.audience, c.IssuedAt
	return jwt.NewWithClaims(jwt.SigningMethodHS256, &c).SignedString(s.secret)
}

func (s signer) verify(token string) (claims, error) {
	if len(token) > maxToken {
		return claims{}, fmt.Errorf("%w: %d bytes long", ErrInvalidToken, len(token))
	}
	if strings.ContainsAny(token, "\r\n") { // which base64 decoders pass over
		return claims{}, fmt.Errorf("%w: line break inside", ErrInvalidToken)
	}
	c, err := s.open(token)
	if err == nil {
		err = s.validator.Validate(&c)
	}
	switch {
	case err == nil:
		return c, nil
	case errors.Is(err, jwt.ErrTokenExpired):
		return claims{}, fmt.Errorf("%w: %w: %w", ErrInvalidToken, ErrTokenExpired, err)
	default:
		return claims{}, fmt.Errorf("%w: %w", ErrInvalidToken, err)
	}
}

// open returns what a token of ours says, once its signature holds. A header other than the one that sign writes is refused unread: a
// token has no say in how it is verified, and to decode the header takes as long as to check the signature.
func (s signer) open(token string) (c claims, err error) {
	unsigned := strings.LastIndexByte(token, '.')
	if !strings.HasPrefix(token, s.header) || unsigned < len(s.header) {
		return c, errors.New("no token of ours")
	}
	signature, err := base64url.DecodeString(token[unsigned+1:])
	if err != nil {
		return c, err
	}
	if err := jwt.SigningMethodHS256.Verify(token[:unsigned], signature, s.secret); err != nil {
		return c, err
	}
	payload, err := base64url.DecodeString(token[len(s.header):unsigned])
	if err != nil {
		return c, err
	}
	return c, json.Unmarshal(payload, &c)
}
