package rest_test

import (
	"net/http"
	"strings"
	"testing"
)

const validSeats = `{"eventId":"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e"}`

// bodies are the calls that take a body, with one that is well.
var bodies = map[string]string{
	"/auth/register": `{"email":"user@example.com","password":"securePassword123","name":"Demo User"}`,
	"/auth/login":    `{"email":"user@example.com","password":"securePassword123"}`,
	"/auth/refresh":  `{"refreshToken":"x"}`,
	"/auth/logout":   `{"refreshToken":"x"}`,
	"/events":        `{"title":"A","totalTickets":2,"price":25}`,
	"/events/create": `{"name":"A","sections":[{"name":"VIP","price":25,"capacity":5}]}`,
	"/book":          validSeats,
	"/holds":         validSeats,
}

func TestEveryCallWithABodyTakesItsOwn(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	for path, body := range bodies {
		if w := send(t, api, post(path, body)); w.Code >= 300 {
			t.Errorf("%s: %d %s", path, w.Code, w.Body)
		}
		if w := send(t, api, post(path, body).with("Content-Type", `application/json; Charset="UTF-8"`)); w.Code >= 300 {
			t.Errorf("%s with a charset: %d %s", path, w.Code, w.Body)
		}
	}
}

func TestEveryCallWithABodyRefuses(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(request) request
		status int
		code   string
		fields []string
	}{
		"malformed JSON": {func(r request) request { r.body = r.body[:len(r.body)-1]; return r },
			400, "malformed_json", nil},
		"trailing data": {func(r request) request { r.body += `{}`; return r },
			400, "malformed_json", nil},
		"a list": {func(r request) request { r.body = `[` + r.body + `]`; return r },
			400, "malformed_json", nil},
		"invalid UTF-8": {func(r request) request { r.body = strings.Replace(r.body, `"`, "\"\xff", 1); return r },
			400, "malformed_json", nil},
		"an unknown field": {func(r request) request { r.body = `{"userId":"x",` + r.body[1:]; return r },
			422, "invalid", []string{"userId"}},
		"a form": {func(r request) request { return r.with("Content-Type", "application/x-www-form-urlencoded") },
			415, "unsupported_media_type", nil},
		"plain text, which needs no preflight": {func(r request) request { return r.with("Content-Type", "text/plain") },
			415, "unsupported_media_type", nil},
		"no Content-Type": {func(r request) request { return r.with("Content-Type", "") },
			415, "unsupported_media_type", nil},
		"another charset": {func(r request) request { return r.with("Content-Type", "application/json; charset=utf-16") },
			415, "unsupported_media_type", nil},
		"a compressed body": {func(r request) request { return r.with("Content-Encoding", "gzip") },
			415, "unsupported_media_type", nil},
		"a body over the limit": {func(r request) request { r.body = strings.Repeat(" ", 64<<10) + r.body; return r },
			413, "body_too_large", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakes{session: noSession(t)}
			api := newAPI(t, f)
			for path, body := range bodies {
				wantProblem(t, api, test.change(post(path, body)), test.status, test.code, test.fields...)
			}
			if len(f.given) > 0 {
				t.Errorf("commands came through: %+v", f.given)
			}
		})
	}
}

func TestFieldsAreCheckedByName(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		path, body string
		status     int
		code       string
		fields     []string
	}{
		"register: everything missing":      {"/auth/register", `{}`, 422, "invalid", []string{"email", "name", "password"}},
		"register: wrong types":             {"/auth/register", `{"email":1,"password":[],"name":null}`, 422, "invalid", []string{"email", "password", "name"}},
		"register: a role of one's own":     {"/auth/register", `{"email":"a","password":"b","name":"c","role":"admin"}`, 422, "invalid", []string{"role"}},
		"log in: everything missing":        {"/auth/login", `{}`, 422, "invalid", []string{"email", "password"}},
		"refresh: nothing in the body":      {"/auth/refresh", `{}`, 422, "invalid", []string{"refreshToken"}},
		"refresh: a number":                 {"/auth/refresh", `{"refreshToken":7}`, 422, "invalid", []string{"refreshToken"}},
		"log out: null":                     {"/auth/logout", `{"refreshToken":null}`, 422, "invalid", []string{"refreshToken"}},
		"book: no event":                    {"/book", `{}`, 422, "invalid", []string{"eventId"}},
		"book: an event id that is none":    {"/book", `{"eventId":"1"}`, 422, "invalid", []string{"eventId"}},
		"book: a section id that is none":   {"/book", `{"eventId":"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e","sectionId":"VIP"}`, 422, "invalid", []string{"sectionId"}},
		"book: a quantity in words":         {"/book", `{"eventId":"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e","qty":"two"}`, 422, "invalid", []string{"qty"}},
		"book: one and a half":              {"/book", `{"eventId":"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e","qty":1.5}`, 422, "invalid", []string{"qty"}},
		"book: a quantity beyond all":       {"/book", `{"eventId":"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e","qty":99999999999999999999}`, 422, "invalid", []string{"qty"}},
		"book: for somebody else":           {"/book", `{"eventId":"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e","userId":"7d1c8f0e-3c7c-4b0e-9d7e-3f1b2a4c5d6e"}`, 422, "invalid", []string{"userId"}},
		"book: at a price of one's own":     {"/book", `{"eventId":"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e","amount":1}`, 422, "invalid", []string{"amount"}},
		"hold: no event":                    {"/holds", `{"qty":1}`, 422, "invalid", []string{"eventId"}},
		"create: no title, nothing to sell": {"/events", `{}`, 422, "invalid", []string{"title", "sections"}},
		"create: two titles":                {"/events", `{"title":"A","name":"B","totalTickets":1,"price":1}`, 422, "invalid", []string{"name"}},
		"create: both forms":                {"/events", `{"title":"A","totalTickets":1,"price":1,"sections":[]}`, 422, "invalid", []string{"sections"}},
		"create: tickets without a price":   {"/events", `{"title":"A","totalTickets":1}`, 422, "invalid", []string{"price"}},
		"create: a price without tickets":   {"/events", `{"title":"A","price":1}`, 422, "invalid", []string{"totalTickets"}},
		"create: fractions of a cent":       {"/events", `{"title":"A","totalTickets":1,"price":0.001}`, 422, "invalid", []string{"price"}},
		"create: half a yen":                {"/events", `{"title":"A","currency":"JPY","sections":[{"name":"a","price":1,"capacity":1},{"name":"b","price":0.5,"capacity":1}]}`, 422, "invalid", []string{"sections[1].price"}},
		"create: a quoted price":            {"/events", `{"title":"A","totalTickets":1,"price":"1"}`, 422, "invalid", []string{"price"}},
		"create: a section without a name":  {"/events", `{"title":"A","sections":[{"price":1,"capacity":1}]}`, 422, "invalid", []string{"sections[0].name"}},
		"create: an id in a section":        {"/events", `{"title":"A","sections":[{"id":"x","name":"a","price":1,"capacity":1}]}`, 422, "invalid", []string{"sections[0].id"}},
		"create: an organiser of one's own": {"/events", `{"title":"A","totalTickets":1,"price":1,"organizerId":"x"}`, 422, "invalid", []string{"organizerId"}},
		"create: a date in words":           {"/events", `{"title":"A","totalTickets":1,"price":1,"date":"tomorrow"}`, 422, "invalid", []string{"date"}},
		"create: an empty time zone":        {"/events", `{"title":"A","totalTickets":1,"price":1,"timeZone":""}`, 422, "invalid", []string{"timeZone"}},
		"create: a blank time zone":         {"/events", `{"title":"A","totalTickets":1,"price":1,"timeZone":" "}`, 422, "invalid", []string{"timeZone"}},
		"create: null for a time zone":      {"/events", `{"title":"A","totalTickets":1,"price":1,"timeZone":null}`, 422, "invalid", []string{"timeZone"}},
		"create: NUL in the title":          {"/events", `{"title":"A\u0000","totalTickets":1,"price":1}`, 422, "invalid", []string{"title"}},
		"confirm: a field nobody asked for": {"/holds/9c2b1c7e-2f1b-4a6e-8d2c-1a2b3c4d5e6f/confirm", `{"amount":1}`, 422, "invalid", []string{"amount"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakes{session: noSession(t)}
			wantProblem(t, newAPI(t, f), post(test.path, test.body), test.status, test.code, test.fields...)
			if len(f.given) > 0 {
				t.Errorf("a command came through: %+v", f.given)
			}
		})
	}
}

func TestIDsInPathsHaveToBeUUIDs(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	for _, id := range []string{"1", "abc", "%00", "%ff", "7b1c7f0e7c7c4f0e9d7e3f1b2a4c5d6e", "00000000-0000-0000-0000-000000000000", "'%20or%201=1"} {
		for _, r := range []request{
			get("/events/" + id), get("/events/" + id + "/bookings"), get("/bookings/" + id),
			del("/bookings/" + id), del("/holds/" + id), post("/holds/"+id+"/confirm", ""),
		} {
			wantProblem(t, api, r, 400, "invalid_id", "id")
		}
	}
}

func TestQueriesAreCheckedByName(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	for name, test := range map[string]struct {
		path   string
		fields []string
	}{
		"page 0":                    {"/events?page=0", []string{"page"}},
		"a negative page":           {"/events?page=-1", []string{"page"}},
		"a page in words":           {"/events?page=two", []string{"page"}},
		"an empty page":             {"/events?page=", []string{"page"}},
		"a page beyond all":         {"/events?page=99999999999999999999", []string{"page"}},
		"two pages":                 {"/events?page=1&page=2", []string{"page"}},
		"limit 0":                   {"/events?limit=0", []string{"limit"}},
		"limit 51":                  {"/events?limit=51", []string{"limit"}},
		"an unknown order":          {"/events?sortBy=id", []string{"sortBy"}},
		"SQL for an order":          {"/events?sortBy=date;drop%20table%20events", []string{"query"}},
		"encoded SQL for an order":  {"/events?sortBy=date%3Bdrop%20table%20events", []string{"sortBy"}},
		"an unknown direction":      {"/events?sortOrder=up", []string{"sortOrder"}},
		"a search without end":      {"/events?search=" + strings.Repeat("a", 101), []string{"search"}},
		"NUL in a search":           {"/events?search=%00", []string{"search"}},
		"invalid UTF-8 in a search": {"/events?search=%ff", []string{"search"}},
		"a broken escape":           {"/events?search=%zz", []string{"query"}},
		"an organiser by id":        {"/events?organizer=5d1c8f0e-3c7c-4b0e-9d7e-3f1b2a4c5d6e", []string{"organizer"}},
		"an organiser without name": {"/events?organizer=", []string{"organizer"}},
		"two organisers":            {"/events?organizer=me&organizer=me", []string{"organizer"}},
		"several at once":           {"/events?page=0&limit=0&sortBy=x&sortOrder=x", []string{"page", "limit", "sortBy", "sortOrder"}},
		"an unknown scope":          {"/bookings?scope=everybody", []string{"scope"}},
		"bookings by the thousand":  {"/bookings?limit=1000", []string{"limit"}},
		"an event's page 0":         {"/events/7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e/bookings?page=0", []string{"page"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantProblem(t, api, get(test.path), 422, "invalid", test.fields...)
		})
	}
}

func TestHeadersOfOursAreChecked(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	for _, key := range []string{" ", "a b", "schlüssel", "tab\t", strings.Repeat("k", 256)} {
		wantProblem(t, api, post("/book", validSeats).with("Idempotency-Key", key), 400, "invalid_header", "Idempotency-Key")
	}
	for _, position := range []string{"-1", "x", "1.5", "99999999999999999999"} {
		wantProblem(t, api, get("/events").with("Onsale-Position", position), 400, "invalid_header", "Onsale-Position")
	}
}

func TestUnknownPathsAreProblems(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	for _, path := range []string{"/", "/nowhere", "/api", "/api/", "/api/api/events", "/events/", "//events", "/events//", "/EVENTS", "/docs/../secret", "/docs/nothing.js"} {
		wantProblem(t, api, request{path: path}, 404, "not_found")
	}
}

func TestWrongMethodsAreToldTheRightOnes(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	for path, allow := range map[string]string{
		"/book":          "POST, OPTIONS",
		"/events":        "GET, HEAD, POST, OPTIONS",
		"/bookings/x":    "DELETE, GET, HEAD, OPTIONS",
		"/auth/register": "POST, OPTIONS",
	} {
		w := send(t, api, request{method: http.MethodPut, path: path})
		if p := problemOf(t, w); w.Code != 405 || p.Code != "method_not_allowed" || w.Header().Get("Allow") != allow {
			t.Errorf("PUT %s: %d %s, Allow %q, want %q", path, w.Code, p.Code, w.Header().Get("Allow"), allow)
		}
		w = send(t, api, request{method: http.MethodOptions, path: path})
		if w.Code != 204 || w.Header().Get("Allow") != allow {
			t.Errorf("OPTIONS %s: %d, Allow %q, want 204 %q", path, w.Code, w.Header().Get("Allow"), allow)
		}
	}
	for _, method := range []string{"TRACE", "CONNECT", "PATCH", "get"} {
		wantProblem(t, api, request{method: method, path: "/events"}, 405, "method_not_allowed")
	}
}

func TestHeadAnswersLikeGet(t *testing.T) {
	t.Parallel()
	w := send(t, newAPI(t, &fakes{}), request{method: http.MethodHead, path: "/events", token: "user"})
	if w.Code != 200 || w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("%d %s", w.Code, w.Header().Get("Content-Type"))
	}
}
