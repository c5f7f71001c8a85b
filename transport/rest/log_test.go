package rest_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/identity"
	"onsale/query"
	"onsale/transport/rest"
)

// logged returns an option that logs into lines.
func logged(lines *bytes.Buffer) func(*rest.Options) {
	return func(o *rest.Options) { o.Logger = slog.New(slog.NewJSONHandler(lines, nil)) }
}

func lastLine(t *testing.T, lines *bytes.Buffer) map[string]any {
	t.Helper()
	all := strings.Split(strings.TrimSpace(lines.String()), "\n")
	var line map[string]any
	if err := json.Unmarshal([]byte(all[len(all)-1]), &line); err != nil {
		t.Fatalf("%v: %s", err, lines)
	}
	return line
}

func TestAnUnknownErrorIsA500WithoutItsText(t *testing.T) {
	t.Parallel()
	const secret = `pq: password authentication failed for "onsale"`
	var lines bytes.Buffer
	f := &fakes{command: func(any) (command.Receipt, error) { return command.Receipt{}, errors.New(secret) }}
	w := send(t, newAPI(t, f, logged(&lines)), post("/book", validSeats))
	p := problemOf(t, w)
	if w.Code != 500 || p.Code != "internal" || p.Detail != "" || strings.Contains(w.Body.String(), "password") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(lines.String(), "password authentication failed") || !strings.Contains(lines.String(), p.RequestID) {
		t.Errorf("the log does not tell: %s", &lines)
	}
}

func TestWhatIsOutOfReachIsA503AndInTheLog(t *testing.T) {
	t.Parallel()
	outage := errors.New("dial tcp 10.0.0.7:5432: connection refused")
	f := &fakes{
		event:   func(uuid.UUID) (query.Event, error) { return query.Event{}, fmt.Errorf("event: %w", outage) },
		account: func(uuid.UUID) (identity.User, error) { return identity.User{}, outage },
		command: func(any) (command.Receipt, error) { return command.Receipt{}, outage },
		session: func(string, ...string) (identity.User, identity.Tokens, error) {
			return identity.User{}, identity.Tokens{}, fmt.Errorf("log in: %w", outage)
		},
	}
	var lines bytes.Buffer
	away := func(o *rest.Options) { o.Unreachable = func(err error) bool { return errors.Is(err, outage) } }
	api := newAPI(t, f, logged(&lines), away)
	for _, r := range []request{
		get("/events/" + event.String()), get("/auth/me"),
		post("/auth/login", `{"email":"user@example.com","password":"password-1"}`),
		post("/auth/register", `{"email":"user@example.com","password":"password-1","name":"Demo User"}`),
		post("/auth/refresh", `{"refreshToken":"token"}`), post("/auth/logout", `{"refreshToken":"token"}`),
	} {
		lines.Reset()
		w := send(t, api, r)
		if p := problemOf(t, w); w.Code != 503 || p.Code != "unavailable" || w.Header().Get("Retry-After") == "" || strings.Contains(w.Body.String(), "10.0") {
			t.Errorf("%s %s: %d %v %s", r.method, r.path, w.Code, w.Header(), w.Body)
		}
		var first struct{ Level, ID, Error string }
		if err := json.NewDecoder(bytes.NewReader(lines.Bytes())).Decode(&first); err != nil || first.Level != "WARN" || first.ID != claim.String() || !strings.Contains(first.Error, outage.Error()) {
			t.Errorf("%s %s: the log says %+v, %v", r.method, r.path, first, err)
		}
		if line := lastLine(t, &lines); line["level"] != "INFO" || line["status"] != 503.0 {
			t.Errorf("%s %s: its line is %v", r.method, r.path, line)
		}
	}
	t.Run("but what became of a command is not guessed", func(t *testing.T) {
		wantProblem(t, api, post("/book", validSeats), 500, "internal")
	})
	t.Run("and other errors are bugs", func(t *testing.T) {
		f := &fakes{event: func(uuid.UUID) (query.Event, error) { return query.Event{}, errors.New("a bug") }}
		wantProblem(t, newAPI(t, f, away), get("/events/"+event.String()), 500, "internal")
	})
}

func TestAPanicIsA500(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	f := &fakes{command: func(any) (command.Receipt, error) { panic("a secret") }}
	w := send(t, newAPI(t, f, logged(&lines)), post("/book", validSeats))
	if p := problemOf(t, w); w.Code != 500 || p.Code != "internal" || strings.Contains(w.Body.String(), "secret") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	if !strings.Contains(lines.String(), "a secret") || !strings.Contains(lines.String(), "fakes_test.go") {
		t.Errorf("the log has no stack: %s", &lines)
	}
	if line := lastLine(t, &lines); line["msg"] != "request" || line["status"] != 500.0 {
		t.Errorf("the request has no line: %v", line)
	}
}

func TestOneLineARequest(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	api := newAPI(t, &fakes{}, logged(&lines))
	send(t, api, get("/bookings/"+claim.String()+"?page=secret").with("X-Request-Id", "4bf92f3577b34da6"))
	line := lastLine(t, &lines)
	for key, want := range map[string]any{
		"msg": "request", "id": "4bf92f3577b34da6", "method": "GET", "route": "/bookings/{id}", "status": 200.0, "user": user.String(),
	} {
		if line[key] != want {
			t.Errorf("%s is %v, want %v", key, line[key], want)
		}
	}
	if line["bytes"].(float64) <= 0 || line["duration_us"].(float64) < 0 {
		t.Errorf("bytes %v, duration_us %v", line["bytes"], line["duration_us"])
	}
	if strings.Count(lines.String(), "\n") != 1 || strings.Contains(lines.String(), "secret") || strings.Contains(lines.String(), claim.String()) {
		t.Errorf("more than one line, or what does not belong there: %s", &lines)
	}
}

func TestSecretsStayOutOfTheLog(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	api := newAPI(t, &fakes{}, logged(&lines))
	send(t, api, post("/auth/login", `{"email":"secret@example.com","password":"secret-password-1"}`))
	send(t, api, post("/auth/refresh", `{"refreshToken":"secret-token"}`))
	send(t, api, request{method: "POST", path: "/auth/logout"}.with("Cookie", "onsale_refresh=secret-cookie").with("Origin", "http://secret.example"))
	send(t, api, get("/events").with("Authorization", "Bearer secret-bearer"))
	send(t, api, get("/secret-path?q=secret-query"))
	if strings.Contains(lines.String(), "secret") || strings.Count(lines.String(), "\n") != 5 {
		t.Errorf("the log: %s", &lines)
	}
}

func TestRequestIDs(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	for given, want := range map[string]string{
		"4bf92f3577b34da6a3ce929d0e0e4736": "4bf92f3577b34da6a3ce929d0e0e4736",
		"a name in there":                  claim.String(),
		"":                                 claim.String(),
		"two words":                        claim.String(),
		"line\nbreak":                      claim.String(),
		"<script>":                         claim.String(),
		strings.Repeat("f", 64):            strings.Repeat("f", 64),
		strings.Repeat("f", 65):            claim.String(),
		"\"quoted\",\"id\":\"x\"":          claim.String(),
	} {
		w := send(t, api, request{path: "/nowhere"}.with("X-Request-Id", given))
		if got := w.Header().Get("X-Request-Id"); got != want || problemOf(t, w).RequestID != want {
			t.Errorf("%q became %q, want %q", given, got, want)
		}
	}
}

func TestAClientThatHangsUpIsNoError(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	f := &fakes{command: func(any) (command.Receipt, error) { return command.Receipt{}, context.Canceled }}
	api := newAPI(t, f, logged(&lines))
	gone, hangUp := context.WithCancel(t.Context())
	hangUp()
	w := httptest.NewRecorder()
	api.ServeHTTP(w, post("/book", validSeats).build().WithContext(gone))
	if line := lastLine(t, &lines); line["status"] != 499.0 || line["level"] != "INFO" || w.Body.Len() != 0 {
		t.Errorf("%v, body %s", line, w.Body)
	}
}

// brokenWriter fails where a connection would, and worse.
type brokenWriter struct{ *httptest.ResponseRecorder }

func (brokenWriter) Write([]byte) (int, error) { panic("broken") }

func TestHalfAnAnswerIsNotTakenForAWholeOne(t *testing.T) {
	t.Parallel()
	var lines bytes.Buffer
	api := newAPI(t, &fakes{}, logged(&lines))
	defer func() {
		if reason := recover(); reason != http.ErrAbortHandler {
			t.Errorf("the server was told %v", reason)
		}
		if line := lastLine(t, &lines); line["msg"] != "request" {
			t.Errorf("the request has no line: %s", &lines)
		}
	}()
	api.ServeHTTP(brokenWriter{httptest.NewRecorder()}, get("/events").build())
}
