package identity

import (
	"fmt"
	"hash/maphash"
	"strings"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
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
// request, and to look at one again takes a fiftieth of the time. What is good
// stays good until it expires, so only the time is looked at again. Memory is
// bounded, and a token that proves nothing takes none.
func (s *Service) Authenticate(accessToken string) (Caller, error) {
	remembered := s.proofs.of(accessToken)
	if p := remembered.Load(); p != nil && p.token == accessToken && s.now().Before(p.until) {
		return p.caller, nil
	}
	c, err := s.access.verify(accessToken)
	if err != nil {
		return Caller{}, err
	}
	if !c.Role.known() {
		return Caller{}, fmt.Errorf("%w: unknown role %q", ErrInvalidToken, c.Role)
	}
	p := &proof{
		token:  strings.Clone(accessToken),
		caller: Caller{UserID: c.Subject, Role: c.Role, ExpiresAt: time.Unix(c.ExpiresAt, 0).UTC()},
		until:  time.Unix(c.ExpiresAt, 0).Add(leeway),
	}
	remembered.Store(p)
	return p.caller, nil
}

// proof is what a token proves and how long.
type proof struct {
	token  string
	caller Caller
	until  time.Time
}

// proofs has one place for each token, and forgets who had it before: no lock,
// no order to keep, and nothing to look for, which in a rush of tokens that
// nobody has seen would cost more than it saves.
type proofs struct {
	seed   maphash.Seed
	places [rememberedTokens]atomic.Pointer[proof]
}

func newProofs() *proofs { return &proofs{seed: maphash.MakeSeed()} }

func (p *proofs) of(token string) *atomic.Pointer[proof] {
	return &p.places[maphash.String(p.seed, token)%rememberedTokens]
}
