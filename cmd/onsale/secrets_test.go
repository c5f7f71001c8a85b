package main

import (
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"onsale/migrations/migrationstest"
)

// What a person may not know is in no line of the log, no metric, no error and no answer to anybody else, whatever went wrong with it.
func TestNoSecretIsToldToAnybody(t *testing.T) {
	t.Parallel()
	secrets := map[string]string{
		"a password": "correct horse 1", "a wrong password": "battery staple 2", "an e-mail address": "ada@example.com",
		"a name": "A ada", "the access secret": strings.Repeat("Zx9!", 12), "the refresh secret": strings.Repeat("Qw7?", 12),
		"a hash of a password": "$2a$",
	}
	p := startProgram(t, t.TempDir(), settings{
		"DATABASE_URL": migrationstest.Database(t), "LOG_FORMAT": "json",
		"JWT_ACCESS_SECRET": secrets["the access secret"], "JWT_REFRESH_SECRET": secrets["the refresh secret"],
	})
	ada, eve := p.register("ada"), p.register("eve")
	var session struct{ AccessToken, RefreshToken string }
	_, text := ada.send("POST", "/auth/login", `{"email":"ada@example.com","password":"correct horse 1"}`)
	if err := json.Unmarshal([]byte(text), &session); err != nil || session.RefreshToken == "" {
		t.Fatalf("%v: %s", err, text)
	}
	secrets["an access token"], secrets["a refresh token"] = session.AccessToken, session.RefreshToken
	ada.token = session.AccessToken
	event := ada.openEvent(3)
	ada.book(event)

	var told []string // to somebody who is not to know
	for _, c := range []struct{ method, path, body string }{
		{"POST", "/auth/login", `{"email":"ada@example.com","password":"battery staple 2"}`},
		{"POST", "/auth/login", `{"email":"ada@example.com","password":"battery staple 2","secret":"battery staple 2"}`},
		{"POST", "/auth/login", `{"email":"ada@example.com","password":"battery staple 2"`},
		{"POST", "/auth/register", `{"email":"ada@example.com","password":"correct horse 1","name":"A ada"}`},
		{"POST", "/auth/register", `{"email":"ada","password":"battery staple 2 ` + strings.Repeat("x", 80) + `","name":"A ada"}`},
		{"POST", "/auth/refresh", `{"refreshToken":"` + session.AccessToken + `"}`},
		{"GET", "/bookings?token=" + session.AccessToken, ""},
		{"GET", "/live?token=" + session.AccessToken, ""},
		{"GET", "/events/" + event, ""},
		{"GET", "/events/" + event + "/bookings", ""},
		{"GET", "/readyz", ""},
		{"GET", "/" + session.RefreshToken, ""},
	} {
		_, text := eve.send(c.method, c.path, c.body)
		told = append(told, text)
	}
	thief := client{t: t, url: p.url, token: session.RefreshToken} // the wrong kind
	_, text = thief.send("GET", "/auth/me", "")
	told = append(told, text)
	for _, path := range []string{"/metrics", "/debug/pprof/cmdline", "/debug/pprof/goroutine?debug=2"} {
		answer, err := http.Get(p.adminURL() + path)
		if err != nil {
			t.Fatal(err)
		}
		all, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil {
			t.Fatal(err)
		}
		told = append(told, string(all))
	}
	if code := p.stop(); code != 0 {
		t.Errorf("exit code %d", code)
	}
	told = append(told, p.output.String())
	if lines := strings.Count(p.output.String(), `"msg":"request"`); lines < 15 {
		t.Errorf("only %d requests are in the log:\n%s", lines, p.output)
	}
	for _, text := range told {
		for what, secret := range secrets {
			if i := strings.Index(text, secret); i >= 0 {
				t.Errorf("%s is told: %.300s", what, text[max(0, i-200):])
			}
		}
		if found := regexp.MustCompile(`eyJ[\w-]+\.eyJ[\w-]+`).FindString(text); found != "" {
			t.Errorf("a token is told: %s", found)
		}
	}
}
