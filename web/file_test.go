package web

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
)

func TestTheSmallestEncodingTheClientAcceptsIsSent(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for _, row := range []struct{ accept, encoding string }{
		{"", ""},
		{"gzip, deflate, br, zstd", "br"},
		{"br;q=0.1, gzip;q=1", "br"},
		{"gzip", "gzip"},
		{"GZIP;Q=1", "gzip"},
		{"br;q=0, gzip", "gzip"},
		{"br;q=0.000, gzip ; q=0.5", "gzip"},
		{"*", "br"},
		{"*, br;q=0", "gzip"},
		{"br;q=0, *;q=0", ""},
		{"gzip;q=0, br;q=0", ""},
		{"br;q=many, gzip;q=NaN", ""},
		{"brotli, xgzip", ""},
		{"identity;q=0", ""},
	} {
		w := get(t, s, "/events", "Accept-Encoding", row.accept)
		content := map[string]string{"br": "events in br", "gzip": "events in gzip", "": string(export()["events.html"].Data)}[row.encoding]
		if w.Code != 200 || w.Header().Get("Content-Encoding") != row.encoding || w.Body.String() != content {
			t.Errorf("%q: %d, %q: %s", row.accept, w.Code, w.Header().Get("Content-Encoding"), w.Body)
		}
		if w.Header().Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: Vary is %q", row.accept, w.Header().Get("Vary"))
		}
	}
	if w := get(t, s, "/events", "Accept-Encoding", "deflate", "Accept-Encoding", "gzip"); w.Header().Get("Content-Encoding") != "gzip" {
		t.Errorf("the second line was not read: %v", w.Header())
	}
}

func TestAFileWithoutCompressedSiblingsDoesNotVary(t *testing.T) {
	t.Parallel()
	w := get(t, open(t, export()), "/favicon.ico", "Accept-Encoding", "br")
	if w.Header().Get("Content-Encoding") != "" || w.Header().Get("Vary") != "" || w.Body.String() != "icon" {
		t.Errorf("%v %s", w.Header(), w.Body)
	}
}

func TestHashedFilesAreKeptAndTheRestIsAskedFor(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for target, want := range map[string]string{
		"/_next/static/chunks/a1b2.js":   "public, max-age=31536000, immutable",
		"/_next/static/media/c3d4.woff2": "public, max-age=31536000, immutable",
		"/":                              "no-cache",
		"/events":                        "no-cache",
		"/events.txt":                    "no-cache",
		"/favicon.ico":                   "no-cache",
		"/events/":                       "no-cache",
	} {
		if got := get(t, s, target).Header().Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control is %q", target, got)
		}
	}
}

func TestWhoHasTheFileGetsNoneOfIt(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	tag := get(t, s, "/events", "Accept-Encoding", "br").Header().Get("Etag")
	for _, has := range []string{tag, `"other", ` + tag, "W/" + tag, "*"} {
		w := get(t, s, "/events", "Accept-Encoding", "br", "If-None-Match", has)
		h := w.Header()
		if w.Code != 304 || w.Body.Len() != 0 || h.Get("Etag") != tag || h.Get("Vary") != "Accept-Encoding" || h.Get("Cache-Control") != "no-cache" {
			t.Errorf("%s: %d %v", has, w.Code, h)
		}
		if h.Get("Content-Length") != "" || h.Get("Content-Encoding") != "" || h.Get("Content-Type") != "" {
			t.Errorf("%s: a 304 says what it has not: %v", has, h)
		}
	}
	for _, hasNot := range []string{"", `"other"`, `"`, tag[:len(tag)-1]} {
		if w := get(t, s, "/events", "Accept-Encoding", "br", "If-None-Match", hasNot); w.Code != 200 {
			t.Errorf("%s: %d", hasNot, w.Code)
		}
	}
	if w := get(t, s, "/nothing", "If-None-Match", "*"); w.Code != 404 {
		t.Errorf("what is not there is said to be known: %d", w.Code)
	}
}

func TestATagIsOfTheContentInItsEncodingAndItsPolicy(t *testing.T) {
	t.Parallel()
	tag := func(dist fstest.MapFS, encoding string) string {
		return get(t, open(t, dist), "/events", "Accept-Encoding", encoding).Header().Get("Etag")
	}
	seen := map[string]string{}
	for name, got := range map[string]string{
		"plain": tag(export(), ""), "br": tag(export(), "br"), "gzip": tag(export(), "gzip"),
		"other content": tag(with(fstest.MapFS{"events.html": text("<p>other")}), ""),
		"other policy":  tag(with(fstest.MapFS{"csp.json": text(`{"connect":["https://api.example"]}`)}), ""),
	} {
		if other, taken := seen[got]; taken || len(got) < 20 || got[0] != '"' || got[len(got)-1] != '"' {
			t.Errorf("%s: %s, as %q", name, got, other)
		}
		seen[got] = name
	}
	if once, again := tag(export(), "br"), tag(export(), "br"); once != again {
		t.Error("the same build has another tag the next time")
	}
}

func TestFilesSayWhatTheyAre(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"a.js": "text/javascript; charset=utf-8", "a.css": "text/css; charset=utf-8", "a.woff2": "font/woff2",
		"a.svg": "image/svg+xml; charset=utf-8", "a.ico": "image/x-icon", "a.txt": "text/plain; charset=utf-8",
		"a.json": "application/json", "a.webmanifest": "application/manifest+json", "a.png": "image/png",
		"a.unknown": "application/octet-stream", "a": "application/octet-stream",
	} {
		w := get(t, open(t, with(fstest.MapFS{name: text("x")})), "/"+name)
		if w.Code != 200 || w.Header().Get("Content-Type") != want {
			t.Errorf("%s: %d %q", name, w.Code, w.Header().Get("Content-Type"))
		}
	}
	if got := get(t, open(t, export()), "/events").Header().Get("Content-Type"); got != "text/html; charset=utf-8" {
		t.Errorf("a page is %q", got)
	}
}

// Over a real connection, where the length is held to; the body is looked for at the handler, for a connection drops it.
func TestHeadSaysWhatGetWouldAndSendsNothing(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	if w := ask(t, s, http.MethodHead, "/events"); w.Code != 200 || w.Body.Len() != 0 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
	server := httptest.NewServer(s)
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DisableCompression: true}}
	defer client.CloseIdleConnections()
	for _, path := range []string{"/", "/events", "/nothing", "/_next/static/chunks/a1b2.js"} {
		var lengths []int64
		for _, method := range []string{http.MethodGet, http.MethodHead} {
			r, err := http.NewRequestWithContext(t.Context(), method, server.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Accept-Encoding", "br")
			answer, err := client.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			content, err := io.ReadAll(answer.Body)
			answer.Body.Close()
			if err != nil || (method == http.MethodGet) != (int64(len(content)) == answer.ContentLength) || method == http.MethodHead && len(content) > 0 {
				t.Errorf("%s %s: %d bytes of %d, %v", method, path, len(content), answer.ContentLength, err)
			}
			lengths = append(lengths, answer.ContentLength)
		}
		if lengths[0] != lengths[1] || lengths[0] <= 0 {
			t.Errorf("%s: GET has %d bytes, HEAD says %d", path, lengths[0], lengths[1])
		}
	}
}

func TestAnAnswerCostsNextToNoMemory(t *testing.T) {
	s := open(t, export())
	r := httptest.NewRequest(http.MethodGet, "/events", nil)
	r.Header.Set("Accept-Encoding", "gzip, deflate, br")
	w := discard{}
	if n := testing.AllocsPerRun(100, func() { clear(w); s.ServeHTTP(w, r) }); n > 2 {
		t.Errorf("%v allocations", n)
	}
}

type discard http.Header

func (d discard) Header() http.Header         { return http.Header(d) }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}
