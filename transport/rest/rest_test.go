package rest_test

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/google/uuid"

	"onsale/transport/rest"
)

var (
	user      = uuid.MustParse("5d1c8f0e-3c7c-4b0e-9d7e-3f1b2a4c5d6e")
	organizer = uuid.MustParse("6d1c8f0e-3c7c-4b0e-9d7e-3f1b2a4c5d6e")
	admin     = uuid.MustParse("7d1c8f0e-3c7c-4b0e-9d7e-3f1b2a4c5d6e")
	event     = uuid.MustParse("7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e")
	section   = uuid.MustParse("0b9d6c1e-58a1-4d3a-8a52-1f6f2b7a9c3d")
	claim     = uuid.MustParse("9c2b1c7e-2f1b-4a6e-8d2c-1a2b3c4d5e6f")
	noon      = time.Date(2031, 1, 15, 12, 0, 0, 0, time.UTC)
)

// newAPI returns the API over the fakes. Every answer it gives is held against the contract.
func newAPI(t testing.TB, f *fakes, change ...func(*rest.Options)) http.Handler {
	t.Helper()
	o := rest.Options{
		Commands: f, Queries: f, Accounts: f, Freshness: f,
		Clock: func() time.Time { return noon },
		NewID: func() uuid.UUID { return claim },
	}
	for _, c := range change {
		c(&o)
	}
	api, err := rest.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return api
}

// request is one request; the zero values are GET, no body, and no token.
type request struct {
	method, path, body, token string
	header                    map[string]string
}

func (r request) with(name, value string) request {
	header := map[string]string{name: value}
	maps.Copy(header, r.header)
	r.header = header
	return r
}

func (r request) build() *http.Request {
	req := httptest.NewRequest(cmp.Or(r.method, http.MethodGet), r.path, http.NoBody)
	if r.body != "" {
		req = httptest.NewRequest(r.method, r.path, strings.NewReader(r.body))
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for name, value := range r.header {
		if value == "" {
			req.Header.Del(name)
			continue
		}
		req.Header.Set(name, value)
	}
	return req
}

func get(path string) request { return request{path: path, token: "user"} }
func post(path, body string) request {
	return request{method: http.MethodPost, path: path, body: body, token: "user"}
}
func del(path string) request { return request{method: http.MethodDelete, path: path, token: "user"} }

// send sends the request and holds the answer against the contract.
func send(t testing.TB, api http.Handler, r request) *httptest.ResponseRecorder {
	t.Helper()
	w := httptest.NewRecorder()
	req := r.build()
	api.ServeHTTP(w, req)
	checkAgainstContract(t, req, w)
	return w
}

var contract = sync.OnceValues(func() (routers.Router, error) {
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		return nil, err
	}
	doc.Servers = nil
	return gorillamux.NewRouter(doc)
})

// text is the body as it was before it was compressed, if it was.
func text(t testing.TB, w *httptest.ResponseRecorder) string {
	t.Helper()
	body := io.Reader(bytes.NewReader(w.Body.Bytes()))
	var err error
	if w.Header().Get("Content-Encoding") == "gzip" {
		if body, err = gzip.NewReader(body); err != nil {
			t.Fatal(err)
		}
	}
	content, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func checkAgainstContract(t testing.TB, req *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	router, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	plain := req.Clone(req.Context())
	plain.URL.Path = strings.TrimPrefix(plain.URL.Path, "/api")
	route, params, err := router.FindRoute(plain)
	if err != nil {
		return // not a call of the API
	}
	input := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: plain, PathParams: params, Route: route},
		Status:                 w.Code, Header: w.Header(),
		Options: &openapi3filter.Options{
			IncludeResponseStatus: true, ExcludeResponseBody: strings.HasPrefix(w.Header().Get("Content-Type"), "text/html"),
		},
	}
	err = openapi3filter.ValidateResponse(context.Background(), input.SetBodyBytes([]byte(text(t, w))))
	if err != nil {
		t.Errorf("%s %s: the answer is not what openapi.yaml says: %v", req.Method, req.URL.Path, err)
	}
}

func problemOf(t testing.TB, w *httptest.ResponseRecorder) rest.Problem {
	t.Helper()
	if got := w.Header().Get("Content-Type"); got != "application/problem+json" {
		t.Fatalf("status %d with Content-Type %q, want a problem; body: %s", w.Code, got, w.Body)
	}
	var p rest.Problem
	if err := json.Unmarshal(w.Body.Bytes(), &p); err != nil {
		t.Fatal(err)
	}
	if p.Status != w.Code {
		t.Errorf("the problem says status %d, the answer is %d", p.Status, w.Code)
	}
	return p
}

// wantProblem sends the request and wants a problem of this kind, about exactly these fields.
func wantProblem(t testing.TB, api http.Handler, r request, status int, code string, fields ...string) rest.Problem {
	t.Helper()
	w := send(t, api, r)
	p := problemOf(t, w)
	if w.Code != status || p.Code != code {
		t.Fatalf("%s %s %.80s: got %d %s, want %d %s; body: %s", r.method, r.path, r.body, w.Code, p.Code, status, code, w.Body)
	}
	var got []string
	for _, e := range p.Errors {
		got = append(got, e.Field)
		if e.Problem == "" || e.Code == "" {
			t.Errorf("field %q without a problem or a code", e.Field)
		}
	}
	if strings.Join(got, " ") != strings.Join(fields, " ") {
		t.Errorf("%s %s %.80s: the problem is about %q, want %q", r.method, r.path, r.body, got, fields)
	}
	return p
}

func decodeBody[T any](t testing.TB, w *httptest.ResponseRecorder) T {
	t.Helper()
	var v T
	if err := json.Unmarshal(w.Body.Bytes(), &v); err != nil {
		t.Fatalf("status %d: %v: %s", w.Code, err, w.Body)
	}
	return v
}
