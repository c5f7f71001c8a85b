package rest_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"onsale/command/identity"
	"onsale/transport/rest"
)

// noSession fails the test when an account is touched.
func noSession(t *testing.T) func(string, ...string) (identity.User, identity.Tokens, error) {
	return func(method string, _ ...string) (identity.User, identity.Tokens, error) {
		t.Errorf("%s came through", method)
		return identity.User{}, identity.Tokens{}, nil
	}
}

func TestEverythingButTheOpenCallsNeedsAToken(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	id := "/9c2b1c7e-2f1b-4a6e-8d2c-1a2b3c4d5e6f"
	for _, r := range []request{
		get("/auth/me"), get("/events"), post("/events", "{}"), post("/events/create", "{}"), get("/events" + id),
		get("/events" + id + "/bookings"), post("/book", validSeats), get("/holds"), post("/holds", validSeats),
		post("/holds"+id+"/confirm", ""), del("/holds" + id), get("/bookings"), get("/bookings" + id), del("/bookings" + id),
	} {
		for header, code := range map[string]string{
			"":                             "token_missing",
			"Bearer":                       "token_invalid",
			"Bearer ":                      "token_invalid",
			"Basic dXNlcjpwYXNzd29yZA==":   "token_missing",
			"user":                         "token_missing",
			"Bearer expired":               "token_expired",
			"Bearer tampered":              "token_invalid",
			"Bearer user user":             "token_invalid",
			"Bearer " + long('x', 100_000): "token_invalid",
		} {
			r.token = ""
			with := r.with("Authorization", header)
			w := send(t, api, with)
			p := problemOf(t, w)
			if w.Code != 401 || p.Code != code {
				t.Errorf("%s %s with %.20q: %d %s, want 401 %s", r.method, r.path, header, w.Code, p.Code, code)
			}
			wantInvalid := code != "token_missing"
			if challenge := w.Header().Get("WWW-Authenticate"); challenge == "" || wantInvalid != strings.Contains(challenge, "invalid_token") {
				t.Errorf("%s: WWW-Authenticate is %q", code, challenge)
			}
			if strings.Contains(w.Body.String(), "secret") {
				t.Errorf("the answer tells the cause: %s", w.Body)
			}
		}
	}
}

func long(r rune, n int) string { return strings.Repeat(string(r), n) }

func TestTwoAuthorizationHeadersAreNone(t *testing.T) {
	t.Parallel()
	r := get("/events").build()
	r.Header.Add("Authorization", "Bearer admin")
	w := httptest.NewRecorder()
	newAPI(t, &fakes{}).ServeHTTP(w, r)
	if w.Code != 401 {
		t.Errorf("%d, want 401", w.Code)
	}
}

func TestRegisterAndLogInAnswerAsAsked(t *testing.T) {
	t.Parallel()
	for path, status := range map[string]int{"/auth/register": 201, "/auth/login": 200} {
		var given []string
		f := &fakes{}
		f.session = func(_ string, args ...string) (identity.User, identity.Tokens, error) {
			given = args
			return (&fakes{}).open("")
		}
		w := send(t, newAPI(t, f), post(path, bodies[path]))
		if w.Code != status {
			t.Fatalf("%s: %d, want %d", path, w.Code, status)
		}
		if given[0] != "user@example.com" || given[1] != "securePassword123" {
			t.Errorf("%s got %q", path, given)
		}
		want := rest.Session{
			User:        rest.User{ID: user, Email: "user@example.com", Name: "Demo User", Role: "user", CreatedAt: noon},
			AccessToken: "access", RefreshToken: "refresh",
		}
		if diff := cmp.Diff(want, decodeBody[rest.Session](t, w)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", path, diff)
		}
		if strings.Contains(strings.ToLower(w.Body.String()), "password") {
			t.Errorf("%s: the answer has a password: %s", path, w.Body)
		}
	}
}

func TestAccountRefusals(t *testing.T) {
	t.Parallel()
	field := func(name, problem string) error { return &identity.FieldError{Field: name, Problem: problem} }
	for name, test := range map[string]struct {
		path   string
		err    error
		status int
		code   string
		fields []string
	}{
		"the e-mail is taken":          {"/auth/register", identity.ErrEmailTaken, 409, "email_taken", nil},
		"fields that are wrong":        {"/auth/register", errors.Join(field("email", "must be an address"), field("password", "must have a number")), 422, "invalid", []string{"email", "password"}},
		"hashing is busy":              {"/auth/register", identity.ErrBusy, 503, "overloaded", nil},
		"credentials that are wrong":   {"/auth/login", identity.ErrInvalidCredentials, 401, "invalid_credentials", nil},
		"too many attempts":            {"/auth/login", &identity.AttemptsError{RetryAfter: 1500 * time.Millisecond}, 429, "too_many_attempts", nil},
		"a refresh token that is none": {"/auth/refresh", identity.ErrInvalidToken, 401, "token_invalid", nil},
		"a refresh token that is old":  {"/auth/refresh", fmt.Errorf("%w: %w", identity.ErrInvalidToken, identity.ErrTokenExpired), 401, "token_expired", nil},
		"a refresh token used before":  {"/auth/refresh", fmt.Errorf("%w: %w", identity.ErrInvalidToken, identity.ErrTokenReused), 401, "token_invalid", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakes{session: func(string, ...string) (identity.User, identity.Tokens, error) {
				return identity.User{}, identity.Tokens{}, test.err
			}}
			api := newAPI(t, f)
			wantProblem(t, api, post(test.path, bodies[test.path]), test.status, test.code, test.fields...)
			w := send(t, api, post(test.path, bodies[test.path]))
			if cookies := w.Result().Cookies(); len(cookies) > 0 {
				t.Errorf("a refusal set cookies: %v", cookies)
			}
			if test.code == "too_many_attempts" && w.Header().Get("Retry-After") != "2" {
				t.Errorf("Retry-After is %q, want 2", w.Header().Get("Retry-After"))
			}
		})
	}
}

func TestInvalidCredentialsIsWhatTheTitleSays(t *testing.T) {
	t.Parallel()
	f := &fakes{session: func(string, ...string) (identity.User, identity.Tokens, error) {
		return identity.User{}, identity.Tokens{}, identity.ErrInvalidCredentials
	}}
	if p := wantProblem(t, newAPI(t, f), post("/auth/login", bodies["/auth/login"]), 401, "invalid_credentials"); p.Title != "Invalid credentials" {
		t.Errorf("the title is %q", p.Title)
	}
}

func TestMeIsTheTokensUser(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	if got := decodeBody[rest.User](t, send(t, api, get("/auth/me"))); got.ID != user {
		t.Errorf("got %v", got)
	}
	gone := &fakes{account: func(uuid.UUID) (identity.User, error) { return identity.User{}, identity.ErrUserNotFound }}
	wantProblem(t, newAPI(t, gone), get("/auth/me"), 401, "token_invalid")
}

func TestTheRefreshCookie(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path   string
		secure bool
		want   http.Cookie
	}{
		"on the API's port":       {"/auth/login", false, http.Cookie{Path: "/auth"}},
		"on the dashboard's port": {"/api/auth/login", false, http.Cookie{Path: "/api/auth"}},
		"over TLS":                {"https://example.com/auth/login", false, http.Cookie{Path: "/auth", Secure: true}},
		"in production":           {"/auth/login", true, http.Cookie{Path: "/auth", Secure: true}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			api := newAPI(t, &fakes{}, func(o *rest.Options) { o.SecureCookies = test.secure })
			w := send(t, api, post(test.path, bodies["/auth/login"]))
			cookies := w.Result().Cookies()
			if len(cookies) != 1 {
				t.Fatalf("%d cookies: %v", len(cookies), cookies)
			}
			got := cookies[0]
			if got.Name != "onsale_refresh" || got.Value != "refresh" || got.Path != test.want.Path || got.Secure != test.want.Secure ||
				!got.HttpOnly || got.SameSite != http.SameSiteStrictMode || !got.Expires.Equal(noon.AddDate(0, 0, 7)) || got.Domain != "" {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestRefreshByCookie(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		header map[string]string
		status int
		code   string
	}{
		"from our own page":                        {map[string]string{"Origin": "http://example.com", "Sec-Fetch-Site": "same-origin"}, 200, ""},
		"from our own page in an old browser":      {map[string]string{"Origin": "http://example.com"}, 200, ""},
		"from our own page that names no origin":   {map[string]string{"Sec-Fetch-Site": "same-origin"}, 200, ""},
		"from an allowed origin":                   {map[string]string{"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"}, 200, ""},
		"from an allowed origin, old browser":      {map[string]string{"Origin": "http://localhost:3000"}, 200, ""},
		"from another site":                        {map[string]string{"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, 403, "origin_not_allowed"},
		"from another site in an old browser":      {map[string]string{"Origin": "https://evil.example"}, 403, "origin_not_allowed"},
		"from another port of the same host":       {map[string]string{"Origin": "http://example.com:8080", "Sec-Fetch-Site": "same-site"}, 403, "origin_not_allowed"},
		"from a page of no origin":                 {map[string]string{"Origin": "null"}, 403, "origin_not_allowed"},
		"from another site that names no origin":   {map[string]string{"Sec-Fetch-Site": "cross-site"}, 403, "origin_not_allowed"},
		"from nobody knows where":                  {nil, 403, "origin_not_allowed"},
		"from an origin that begins like our own":  {map[string]string{"Origin": "http://example.com.evil.example"}, 403, "origin_not_allowed"},
		"from the allowed host over another proto": {map[string]string{"Origin": "https://localhost:3000"}, 403, "origin_not_allowed"},
	} {
		for _, path := range []string{"/auth/refresh", "/auth/logout"} {
			t.Run(name+path, func(t *testing.T) {
				t.Parallel()
				var used string
				f := &fakes{session: func(_ string, args ...string) (identity.User, identity.Tokens, error) {
					used = args[0]
					return (&fakes{}).open("")
				}}
				api := newAPI(t, f, func(o *rest.Options) { o.Origins = []string{"http://localhost:3000"} })
				w := send(t, api, request{method: http.MethodPost, path: path, header: test.header}.with("Cookie", "onsale_refresh=old"))
				if test.code != "" {
					if p := problemOf(t, w); w.Code != test.status || p.Code != test.code || used != "" {
						t.Errorf("%d %s, token %q used", w.Code, p.Code, used)
					}
					return
				}
				if w.Code >= 300 || used != "old" {
					t.Fatalf("%d, token %q used", w.Code, used)
				}
				cookies := w.Result().Cookies()
				if len(cookies) != 1 {
					t.Fatalf("cookies: %v", cookies)
				}
				if path == "/auth/logout" {
					if cookies[0].MaxAge >= 0 || cookies[0].Path != "/auth" {
						t.Errorf("the cookie is not cleared: %v", cookies[0])
					}
					return
				}
				session := decodeBody[rest.Session](t, w)
				if session.RefreshToken != "" || session.AccessToken != "access" || cookies[0].Value != "refresh" {
					t.Errorf("a script may read %+v; the cookie is %v", session, cookies[0])
				}
			})
		}
	}
}

func TestTheBodysTokenComesBeforeTheCookies(t *testing.T) {
	t.Parallel()
	var used string
	f := &fakes{session: func(_ string, args ...string) (identity.User, identity.Tokens, error) {
		used = args[0]
		return (&fakes{}).open("")
	}}
	w := send(t, newAPI(t, f), post("/auth/refresh", `{"refreshToken":"mine"}`).with("Cookie", "onsale_refresh=other"))
	if session := decodeBody[rest.Session](t, w); used != "mine" || session.RefreshToken != "refresh" {
		t.Errorf("token %q used, %+v answered", used, session)
	}
}

func TestNoRefreshTokenAtAll(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{session: noSession(t)})
	for _, path := range []string{"/auth/refresh", "/auth/logout"} {
		wantProblem(t, api, post(path, ""), 401, "token_missing")
		wantProblem(t, api, post(path, "").with("Cookie", "onsale_refresh=").with("Sec-Fetch-Site", "same-origin"), 401, "token_missing")
	}
}

func TestACookieThatIsNoGoodIsCleared(t *testing.T) {
	t.Parallel()
	f := &fakes{session: func(string, ...string) (identity.User, identity.Tokens, error) {
		return identity.User{}, identity.Tokens{}, fmt.Errorf("%w: %w", identity.ErrInvalidToken, identity.ErrTokenExpired)
	}}
	w := send(t, newAPI(t, f), request{method: http.MethodPost, path: "/api/auth/refresh"}.
		with("Cookie", "onsale_refresh=old").with("Sec-Fetch-Site", "same-origin"))
	cookies := w.Result().Cookies()
	if w.Code != 401 || len(cookies) != 1 || cookies[0].MaxAge >= 0 || cookies[0].Path != "/api/auth" {
		t.Errorf("%d, cookies %v", w.Code, cookies)
	}
}
