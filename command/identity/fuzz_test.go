package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/mail"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/go-cmp/cmp"
)

// No bytes are taken for a token but those that the secret has signed, under the algorithm that is ours.
func FuzzTokens(f *testing.F) {
	c := newClock()
	s := newTokens(f, c)
	header := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"HS256","typ":"JWT"}`))
	for _, k := range kinds {
		good, err := jwt.NewWithClaims(jwt.SigningMethodHS256, k.claims(c.now())).SignedString(k.secret)
		if err != nil {
			f.Fatal(err)
		}
		for _, token := range []string{good, flip(good, len(good)-9), strayBits(good), good + ".", " " + good, good + "\n", header + "..", ""} {
			f.Add(token, []byte(nil))
		}
	}
	f.Add(header, []byte(`{"iss":"onsale","aud":"onsale-access","sub":null,"role":"admin","exp":1e99,"iat":0,"nbf":-1}`))
	f.Add(header, []byte(`{"iss":"onsale","aud":["onsale-access"],"exp":99999999999,"exp":1}`))
	for _, claims := range []string{
		`{"iss":"onsale","aud":"onsale-access","sub":"`, `{"exp":1e400}`, `{"exp":-9223372036854775809}`, `{"sub":"\ud800","role":"ädmin"}`,
		strings.Repeat(`{"iss":`, 1000), strings.Repeat("[", 10_000), `null`, "\ufeff{}", "\xff\x00",
	} {
		f.Add(header, []byte(claims))
	}
	for _, head := range []string{`{"alg":"none"}`, `{"alg":"RS256","jwk":{}}`, `{"alg":"hs256"}`, `{"alg":"HS256","alg":"none"}`, `{"alg":"HS256","crit":["exp"]}`, `{"alg"`} {
		f.Add(base64.RawURLEncoding.EncodeToString([]byte(head)), []byte(`{"iss":"onsale","aud":"onsale-access","role":"admin","exp":99999999999}`))
	}
	f.Fuzz(func(t *testing.T, token string, claims []byte) {
		if _, err := s.Authenticate(token); err == nil && !signedBy(accessSecret, token) {
			t.Errorf("%q was taken for an access token", token)
		}
		if _, err := s.refresh.verify(token); err == nil && !signedBy(refreshSecret, token) {
			t.Errorf("%q was taken for a refresh token", token)
		}
		// Even what the secret has signed names a user, a role that there is, and its end.
		whole := token + "." + base64.RawURLEncoding.EncodeToString(claims)
		caller, err := s.Authenticate(whole + "." + base64.RawURLEncoding.EncodeToString(mac(accessSecret, whole)))
		if err == nil && (caller.UserID.String() == "" || !caller.Role.known() || !caller.ExpiresAt.After(c.now().Add(-leeway))) {
			t.Errorf("%q was taken as %+v", claims, caller)
		}
	})
}

func mac(secret []byte, text string) []byte {
	h := hmac.New(sha256.New, secret)
	h.Write([]byte(text))
	return h.Sum(nil)
}

func signedBy(secret []byte, token string) bool {
	end := strings.LastIndexByte(token, '.')
	return end >= 0 && token[end+1:] == base64.RawURLEncoding.EncodeToString(mac(secret, token[:end]))
}

// Whoever is registered can be written to, is called by something that can be read, and has a password that bcrypt keeps apart from
// every other. Everybody else is told of each field once.
func FuzzRegistration(f *testing.F) {
	f.Add("ada@example.com", "correct horse 1", "Ada")
	f.Add(" Ada@EXAMPLE.com ", strings.Repeat("ä", 35)+"1", "\u202eadA")
	f.Add("\"a b\"@example.com", "12345678", " ")
	f.Add("a@[127.0.0.1]", "a\x001234567", "A\nB")
	f.Add("a@b.c\r\nBcc: d@e.f", "\xff1234567a", "\xff\xff")
	f.Add("größe@exämple.com", strings.Repeat("👩‍👩‍👧", 4), "Ǻda 👩‍👩‍👧")
	f.Add(strings.Repeat("a", 64)+"@"+strings.Repeat("b.", 94)+"com", strings.Repeat("x", 71)+"1", strings.Repeat("é", 101))
	f.Add(strings.Repeat("a", 1000)+"@b.c", strings.Repeat("x", 72)+"1", strings.Repeat("z", 10_000))
	f.Add("Ada <ada@example.com>", "abcdefg1", "\u200b\u2066Ada")
	f.Add("ada@", "abcdefg", "")
	f.Fuzz(func(t *testing.T, email, password, name string) {
		got, err := Registration{Email: email, Password: password, Name: name}.cleaned()
		if err != nil {
			fields := map[string]bool{}
			for _, problem := range err.(interface{ Unwrap() []error }).Unwrap() {
				field := problem.(*FieldError)
				if fields[field.Field] || field.Problem == "" {
					t.Errorf("told of %s twice, or nothing: %v", field.Field, err)
				}
				fields[field.Field] = true
			}
			return
		}
		address, err := mail.ParseAddress(got.Email)
		if err != nil || address.Address != got.Email || len(got.Email) > 254 || strings.ContainsAny(got.Email, "\r\n\x00 ") {
			t.Errorf("e-mail %q was taken: %v", got.Email, err)
		}
		if got.Password != password || len(password) > 72 || strings.ContainsRune(password, 0) || !utf8.ValidString(password) || utf8.RuneCountInString(password) < 8 {
			t.Errorf("password %q was taken", password)
		}
		if strings.ContainsAny(got.Name, "\r\n\x00\u202e") || !utf8.ValidString(got.Name) || strings.TrimSpace(got.Name) != got.Name {
			t.Errorf("name %q was taken", got.Name)
		}
		again, err := got.cleaned()
		if diff := cmp.Diff(got, again); err != nil || diff != "" {
			t.Errorf("cleaned again: %v (-first +again):\n%s", err, diff)
		}
	})
}
