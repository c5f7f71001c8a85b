package identity

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
)

// kind is one of the two kinds of token, from the outside.
type kind struct {
	name, audience string
	secret         []byte
	other          []byte // the other kind's secret
	check          func(*Service, string) error
}

var kinds = []kind{
	{"access", "onsale-access", accessSecret, refreshSecret, func(s *Service, token string) error {
		_, err := s.Authenticate(token)
		return err
	}},
	{"refresh", "onsale-refresh", refreshSecret, accessSecret, func(s *Service, token string) error {
		_, err := s.refresh.verify(token)
		return err
	}},
}

func (k kind) claims(now time.Time) jwt.MapClaims {
	return jwt.MapClaims{
		"iss": "onsale", "aud": k.audience, "sub": uuid.NewString(), "jti": uuid.NewString(),
		"role": "user", "fam": uuid.NewString(),
		"iat": now.Unix(), "nbf": now.Unix(), "exp": now.Add(time.Minute).Unix(),
	}
}

func forge(t *testing.T, method jwt.SigningMethod, key any, c jwt.MapClaims) string {
	t.Helper()
	token, err := jwt.NewWithClaims(method, c).SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

func TestForgedTokens(t *testing.T) {
	t.Parallel()
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	encode := func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }
	for _, k := range kinds {
		c := newClock()
		now := c.now()
		// with returns a token that is good but for one change of its claims.
		with := func(t *testing.T, change func(jwt.MapClaims)) string {
			claims := k.claims(now)
			change(claims)
			return forge(t, jwt.SigningMethodHS256, k.secret, claims)
		}
		set := func(name string, value any) func(*testing.T) string {
			return func(t *testing.T) string { return with(t, func(c jwt.MapClaims) { c[name] = value }) }
		}
		without := func(name string) func(*testing.T) string {
			return func(t *testing.T) string { return with(t, func(c jwt.MapClaims) { delete(c, name) }) }
		}
		signed := func(method jwt.SigningMethod, key any) func(*testing.T) string {
			return func(t *testing.T) string { return forge(t, method, key, k.claims(now)) }
		}
		// edited returns a good token with its three parts changed.
		edited := func(edit func(parts []string)) func(*testing.T) string {
			return func(t *testing.T) string {
				parts := strings.Split(signed(jwt.SigningMethodHS256, k.secret)(t), ".")
				edit(parts)
				return strings.Join(parts, ".")
			}
		}
		// headed returns a token with another header, and the signature that belongs to it.
		headed := func(header string) func(*testing.T) string {
			return edited(func(p []string) {
				p[0] = encode(header)
				signature, err := jwt.SigningMethodHS256.Sign(p[0]+"."+p[1], k.secret)
				if err != nil {
					panic(err)
				}
				p[2] = base64.RawURLEncoding.EncodeToString(signature)
			})
		}
		literal := func(s string) func(*testing.T) string { return func(*testing.T) string { return s } }

		for name, test := range map[string]struct {
			token   func(*testing.T) string
			ok      bool
			expired bool
		}{
			"as we make them":                 {token: signed(jwt.SigningMethodHS256, k.secret), ok: true},
			"just expired on another's clock": {token: set("exp", now.Add(-4*time.Second).Unix()), ok: true},
			"a little early":                  {token: set("nbf", now.Add(4*time.Second).Unix()), ok: true},

			"alg none":                       {token: signed(jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType)},
			"alg none, signed nevertheless":  {token: headed(`{"alg":"none","typ":"JWT" }`)},
			"another header of its length":   {token: headed(`{"typ":"JWT","alg":"HS256"}`)},
			"our header signed by hand":      {token: headed(`{"alg":"HS256","typ":"JWT"}`), ok: true},
			"alg none, signature kept":       {token: edited(func(p []string) { p[0] = encode(`{"alg":"none","typ":"JWT"}`) })},
			"alg NONE":                       {token: edited(func(p []string) { p[0], p[2] = encode(`{"alg":"NONE"}`), "" })},
			"no alg":                         {token: edited(func(p []string) { p[0] = encode(`{"typ":"JWT"}`) })},
			"alg no string":                  {token: edited(func(p []string) { p[0] = encode(`{"alg":["HS256"]}`) })},
			"HS384 with our secret":          {token: signed(jwt.SigningMethodHS384, k.secret)},
			"HS512 with our secret":          {token: signed(jwt.SigningMethodHS512, k.secret)},
			"RS256 with a key of their own":  {token: signed(jwt.SigningMethodRS256, rsaKey)},
			"RS256 said, HMAC made":          {token: edited(func(p []string) { p[0] = encode(`{"alg":"RS256","typ":"JWT"}`) })},
			"their own key in the header":    {token: func(t *testing.T) string { return withKeyInHeader(t, k.claims(now)) }},
			"the other kind's secret":        {token: signed(jwt.SigningMethodHS256, k.other)},
			"an empty secret":                {token: signed(jwt.SigningMethodHS256, []byte{})},
			"the other kind's audience":      {token: set("aud", strings.NewReplacer("access", "refresh", "refresh", "access").Replace(k.audience))},
			"no audience":                    {token: without("aud")},
			"another issuer":                 {token: set("iss", "elsewhere")},
			"no issuer":                      {token: without("iss")},
			"expired":                        {token: set("exp", now.Add(-6*time.Second).Unix()), expired: true},
			"no expiry":                      {token: without("exp")},
			"expiry no number":               {token: set("exp", "never")},
			"not yet valid":                  {token: set("nbf", now.Add(10*time.Second).Unix())},
			"no not-before":                  {token: without("nbf")},
			"issued in the future":           {token: set("iat", now.Add(10*time.Second).Unix())},
			"no subject":                     {token: without("sub")},
			"subject no UUID":                {token: set("sub", "admin")},
			"no token id":                    {token: without("jti")},
			"claims changed":                 {token: edited(func(p []string) { p[1] = encode(`{"sub":"x","role":"admin"}`) })},
			"signature changed":              {token: edited(func(p []string) { p[2] = flip(p[2], 5) })},
			"signature with stray last bits": {token: edited(func(p []string) { p[2] = strayBits(p[2]) })},
			"signature cut short":            {token: edited(func(p []string) { p[2] = p[2][:20] })},
			"no signature":                   {token: edited(func(p []string) { p[2] = "" })},
			"a fourth part":                  {token: edited(func(p []string) { p[2] += ".x" })},
			"a line break inside":            {token: edited(func(p []string) { p[2] = p[2][:9] + "\n" + p[2][9:] })},
			"claims no JSON":                 {token: edited(func(p []string) { p[1] = encode(`{"sub"`) })},
			"garbage":                        {token: literal("garbage")},
			"dots":                           {token: literal("..")},
			"empty":                          {token: literal("")},
			"a megabyte":                     {token: literal(strings.Repeat("a", 1<<20))},
			"a megabyte of claims, signed":   {token: set("pad", strings.Repeat("a", 1<<20))},
		} {
			t.Run(k.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				s := newTokens(t, c)
				token := test.token(t)
				err := k.check(s, token)
				if test.ok {
					if err != nil {
						t.Fatalf("refused: %v", err)
					}
					return
				}
				wantError(t, err, ErrInvalidToken)
				if got := errors.Is(err, ErrTokenExpired); got != test.expired {
					t.Errorf("expired %v, want %v: %v", got, test.expired, err)
				}
				if s.proofs.of(token).Load() != nil {
					t.Error("a bad token is remembered")
				}
			})
		}
	}
}

// withKeyInHeader signs with a key that the token itself brings.
func withKeyInHeader(t *testing.T, c jwt.MapClaims) string {
	t.Helper()
	token := jwt.NewWithClaims(jwt.SigningMethodHS256, c)
	token.Header["jwk"] = map[string]string{"kty": "oct", "k": base64.RawURLEncoding.EncodeToString([]byte("mine"))}
	token.Header["kid"] = "../../dev/null"
	signed, err := token.SignedString([]byte("mine"))
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func flip(s string, at int) string {
	b := []byte(s)
	if b[at] == 'A' {
		b[at] = 'B'
	} else {
		b[at] = 'A'
	}
	return string(b)
}

// strayBits changes the bits of the last character that encode nothing: 32
// bytes leave two of them, so a lax decoder reads the same signature.
func strayBits(signature string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
	last := len(signature) - 1
	return signature[:last] + string(alphabet[strings.IndexByte(alphabet, signature[last])|1])
}

func TestOneKindIsNotTheOther(t *testing.T) {
	t.Parallel()
	s := newTokens(t, newClock())
	u := User{ID: uuid.New(), Role: RoleAdmin}
	for _, secrets := range []string{"different", "equal"} {
		if secrets == "equal" { // which New refuses
			s.refresh = newSigner("onsale-refresh", accessSecret, s.now)
		}
		tokens, err := s.issue(u, newFamily(s.now()))
		if err != nil {
			t.Fatal(err)
		}
		_, err = s.Authenticate(tokens.Refresh)
		wantError(t, err, ErrInvalidToken)
		_, err = s.refresh.verify(tokens.Access)
		wantError(t, err, ErrInvalidToken)
		caller, err := s.Authenticate(tokens.Access)
		if want := (Caller{u.ID, RoleAdmin, tokens.AccessExpiresAt}); err != nil || caller != want {
			t.Errorf("secrets %s: got %v, %v, want %v", secrets, caller, err, want)
		}
	}
}
