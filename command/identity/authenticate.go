package identity

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	lru "github.com/hashicorp/golang-lru/v2"
)

// Caller is what an access token proves.
type Caller struct {
	UserID uuid.UUID
	Role   Role // as it was when the token was issued, up to AccessLife ago
	// ExpiresAt is when the token is over; what goes on longer than a request has to look at it again.
	ExpiresAt time.Time
}

// Authenticate returns who presents this access token, or ErrInvalidToken,
// with ErrTokenExpired where that is the reason. It asks nobody: no I/O.
//
// Tokens found good are remembered, for a buyer sends the same one with every
// request and decoding it costs forty allocations. What is good stays good
// until it expires, so only the time is looked at again. Memory is bounded, and
// a token that proves nothing takes none.
func (s *Service) Authenticate(accessToken string) (Caller, error) {
	if p, ok := s.proofs.Get(accessToken); ok && s.now().Before(p.until) {
		return p.caller, nil
	}
	c, err := s.access.verify(accessToken)
	if err != nil {
		return Caller{}, err
	}
	if !c.Role.known() {
		return Caller{}, fmt.Errorf("%w: unknown role %q", ErrInvalidToken, c.Role)
	}
	p := proof{
		caller: Caller{UserID: c.Subject, Role: c.Role, ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC()},
		until:  time.Unix(c.ExpiresAt, 0).Add(leeway),
	}
	s.proofs.Add(strings.Clone(accessToken), p)
	return p.caller, nil
}

// proof is what a token proves and how long.
type proof struct {
	caller Caller
	until  time.Time
}

// newProofs panics when size is not above zero.
func newProofs(size int) *lru.Cache[string, proof] {
	c, err := lru.New[string, proof](size)
	if err != nil {
		panic(err)
	}
	return c
}
