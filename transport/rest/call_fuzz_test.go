package rest_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// callPaths are the paths of the API, with * for an id.
var callPaths = []string{
	"/book", "/holds", "/holds/*/confirm", "/holds/*", "/events", "/events/create", "/events/*", "/events/*/bookings", "/events/*/sales",
	"/events/*/history", "/bookings", "/bookings/*", "/auth/register", "/auth/login", "/auth/refresh", "/auth/logout", "/auth/me",
	"/healthz", "/docs/*", "/api/*", "*",
}

// Nothing a client sends makes the API answer with 5xx, with more than it was asked for, or otherwise than the contract says; and what
// it refuses, it refuses with a problem.
func FuzzCalls(f *testing.F) {
	for i := range callPaths {
		f.Add(uint8(i), uint8(i), event.String(), "page=2&atVersion=1&search=a", "user", "k-1", "7", "application/json", []byte(validSeats))
	}
	f.Add(uint8(0), uint8(1), "", "", "admin", "a\r\nb", "-1", "text/plain", []byte(`{"eventId":`))
	f.Add(uint8(6), uint8(0), "..%2f", "atVersion=99999999999999999999&limit=0", "organizer", "", "", "", []byte(nil))
	for i, body := range []string{
		`{"eventId":"` + event.String() + `","qty":99999999999999999999}`, `{"eventId":"` + event.String() + `","qty":1,"userId":"x"}`, strings.Repeat("[", 20_000),
		`{"title":"Größe 👩‍👩‍👧","totalTickets":1,"price":1e999}`, "{\"email\":\"\xff\"}", `{"email":"a@b.c","password":"` + strings.Repeat("x", 10_000) + `"}`, `null`, "\x00",
	} {
		for _, path := range []uint8{0, 1, 2, 4, 12, 13, 14} {
			f.Add(path, uint8(1), event.String(), "", "user", fmt.Sprint("k-", i), "9223372036854775807", "application/json; charset=utf-8", []byte(body))
		}
	}
	for _, id := range []string{"", "0", "ключ", "\xff", "%00", strings.ToUpper(event.String()), event.String() + "/", "{" + event.String() + "}", strings.Repeat("a", 5000)} {
		f.Add(uint8(6), uint8(0), id, "atVersion=1", "user", "", "", "", []byte(nil))
		f.Add(uint8(11), uint8(2), id, "scope=all&page=1000001", "admin", "", "18446744073709551616", "", []byte(`{}`))
	}
	api := newAPI(f, &fakes{})
	methods := []string{http.MethodGet, http.MethodPost, http.MethodDelete, http.MethodHead, http.MethodOptions, http.MethodPut}
	f.Fuzz(func(t *testing.T, path, method uint8, id, query, token, key, position, contentType string, body []byte) {
		r := &http.Request{
			Method: methods[int(method)%len(methods)], Proto: "HTTP/1.1", Host: "example.com", RemoteAddr: "192.0.2.1:1234",
			URL:    &url.URL{Path: strings.Replace(callPaths[int(path)%len(callPaths)], "*", id, 1), RawQuery: query},
			Header: http.Header{}, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)),
		}
		for name, value := range map[string]string{
			"Authorization": "Bearer " + token, "Idempotency-Key": key, "Onsale-Position": position, "Content-Type": contentType,
			"X-Request-Id": id, "Origin": key, "Cookie": "onsale_refresh=" + token, "Sec-Fetch-Site": position,
		} {
			if value != "" {
				r.Header[name] = []string{value}
			}
		}
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r.WithContext(t.Context()))
		if w.Code >= 500 {
			t.Fatalf("%s %q: %d %s", r.Method, r.URL, w.Code, w.Body)
		}
		if w.Code >= 400 && r.Method != http.MethodHead {
			if p := problemOf(t, w); p.Code == "" || p.Title == "" || p.RequestID == "" || w.Body.Len() > 16<<10 {
				t.Errorf("%d bytes: %s", w.Body.Len(), w.Body)
			}
		}
		for name, values := range w.Header() {
			if strings.ContainsAny(strings.Join(values, ""), "\r\n\x00") {
				t.Errorf("%s: %q", name, values)
			}
		}
		checkAgainstContract(t, r, w)
	})
}
