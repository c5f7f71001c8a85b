package web

import (
	"io/fs"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// export is a small one, with everything that a real one has.
func export() fstest.MapFS {
	return fstest.MapFS{
		"placeholder.html":               text(`<p>make build`),
		"index.html":                     text(`<title>home</title><script>start("home")</script>`),
		"events.html":                    text(`<title>events</title><style>.events{}</style><script>start("events")</script>`),
		"events.html.br":                 text("events in br"),
		"events.html.gz":                 text("events in gzip"),
		"events.txt":                     text("payload"),
		"events/__next._tree.txt":        text("payload of a segment"),
		"404.html":                       text(`<title>nothing here</title><script>start("404")</script>`),
		"_not-found.html":                text(`<title>nothing here</title>`),
		"favicon.ico":                    text("icon"),
		"csp.json":                       text(`{}`),
		"_next/static/chunks/a1b2.js":    text("plain script"),
		"_next/static/chunks/a1b2.js.br": text("br script"),
		"_next/static/media/c3d4.woff2":  text("font"),
	}
}

func text(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }

// with returns the export with other files; nil takes one out.
func with(files fstest.MapFS) fstest.MapFS {
	all := export()
	for name, file := range files {
		if all[name] = file; file == nil {
			delete(all, name)
		}
	}
	return all
}

func open(t *testing.T, dist fs.FS) *site {
	t.Helper()
	s, err := newSite(dist)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// ask sends a request with headers as pairs.
func ask(t *testing.T, h http.Handler, method, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func get(t *testing.T, h http.Handler, target string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	return ask(t, h, http.MethodGet, target, headers...)
}

func TestAPathIsAnsweredWithTheFileOfThatNameOrThePage(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for target, want := range map[string]string{
		"/":                            "home",
		"/events":                      "events",
		"/events?event=1":              "events",
		"/events.txt":                  "payload",
		"/events/__next._tree.txt":     "payload of a segment",
		"/favicon.ico":                 "icon",
		"/_next/static/chunks/a1b2.js": "plain script",
	} {
		if w := get(t, s, target); w.Code != 200 || !strings.Contains(w.Body.String(), want) {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

func TestAFileOfExactlyTheNameGoesBeforeThePage(t *testing.T) {
	t.Parallel()
	s := open(t, with(fstest.MapFS{"events": text("a file without a dot")}))
	if w := get(t, s, "/events"); w.Body.String() != "a file without a dot" {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestOtherNamesOfAPageAreRedirectedToTheOne(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for target, want := range map[string]string{
		"/events/":               "/events",
		"/events/?page=2&q=a%2F": "/events?page=2&q=a%2F",
		"/events//":              "/events",
		"/events%2F":             "/events",
		"/events.html":           "/events",
		"/events.html?page=2":    "/events?page=2",
		"/index":                 "/",
		"/index.html":            "/",
		"//":                     "/",
	} {
		w := get(t, s, target)
		if w.Code != http.StatusPermanentRedirect || w.Header().Get("Location") != want {
			t.Errorf("%s: %d to %q, want %q", target, w.Code, w.Header().Get("Location"), want)
		}
	}
}

func TestNoPathRedirectsToAnotherHost(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for _, target := range []string{
		"//evil.example/", "//evil.example/events/", "///evil.example/", "/%2Fevil.example/", "/%5Cevil.example/",
		"/%5C%5Cevil.example/", "//evil.example/events.html", "//evil.example/%2e%2e/", "/.//evil.example/", "//events/", "/@evil.example/",
	} {
		if w := get(t, s, target); w.Code != 404 || w.Header().Get("Location") != "" {
			t.Errorf("%s: %d to %q", target, w.Code, w.Header().Get("Location"))
		}
	}
	if w := get(t, s, "/events/?//evil.example/"); w.Header().Get("Location") != "/events?//evil.example/" {
		t.Errorf("the query became more than a query: %q", w.Header().Get("Location"))
	}
}

func TestWhatIsNotThereIsTheExportsOwnPage(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for _, target := range []string{
		"/nothing", "/nothing/", "/events/nothing", "/../index.html", "/events/../favicon.ico", "/favicon.ico/", "/EVENTS",
		"/404", "/404.html", "/404/", "/_not-found", "/_not-found.html",
	} {
		w := get(t, s, target)
		if w.Code != 404 || !strings.Contains(w.Body.String(), "nothing here") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
		if h := w.Header(); h.Get("Cache-Control") != "no-store" || h.Get("Etag") != "" || !strings.HasPrefix(h.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %v", target, h)
		}
	}
}

func TestWhatIsNotThereBelowNextIsNoPage(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for _, target := range []string{"/_next", "/_next/", "/_next/static/chunks/gone.js", "/_next/static/", "/_next/static/chunks/a1b2.js/"} {
		w := get(t, s, target)
		h := w.Header()
		if w.Code != 404 || h.Get("Cache-Control") != "no-store" || !strings.HasPrefix(h.Get("Content-Type"), "text/plain") || strings.Contains(w.Body.String(), "<") {
			t.Errorf("%s: %d %v %s", target, w.Code, h, w.Body)
		}
	}
}

func TestPartsOfOtherAnswersHaveNoPath(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for _, target := range []string{
		"/events.html.br", "/events.html.gz", "/events.br", "/_next/static/chunks/a1b2.js.br",
		"/placeholder", "/placeholder.html", "/placeholder/", "/csp.json", "/csp.json/",
	} {
		if w := get(t, s, target); w.Code != 404 {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
}

func TestOnlyReadingIsAllowed(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get"} {
		for _, target := range []string{"/", "/events/", "/nothing", "/_next/static/chunks/a1b2.js"} {
			if w := ask(t, s, method, target); w.Code != 405 || w.Header().Get("Allow") != "GET, HEAD" {
				t.Errorf("%s %s: %d, Allow: %q", method, target, w.Code, w.Header().Get("Allow"))
			}
		}
	}
}

func TestWithoutAnExportThePlaceholderIsEveryPage(t *testing.T) {
	t.Parallel()
	s := open(t, with(fstest.MapFS{"index.html": nil}))
	for target, status := range map[string]int{"/": 200, "/events": 404, "/placeholder.html": 404, "/events/": 404} {
		w := get(t, s, target)
		if w.Code != status || !strings.Contains(w.Body.String(), "make build") {
			t.Errorf("%s: %d %s", target, w.Code, w.Body)
		}
	}
	if w := get(t, s, "/_next/static/chunks/a1b2.js"); w.Code != 404 || strings.Contains(w.Body.String(), "<") {
		t.Errorf("below _next: %d %s", w.Code, w.Body)
	}
}

func TestABrokenDistIsAnErrorThatNamesTheFile(t *testing.T) {
	t.Parallel()
	for name, dist := range map[string]fstest.MapFS{
		"404.html":         with(fstest.MapFS{"404.html": nil}),
		"placeholder.html": with(fstest.MapFS{"index.html": nil, "placeholder.html": nil}),
		"csp.json":         with(fstest.MapFS{"csp.json": text("{")}),
	} {
		if _, err := newSite(dist); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s is broken: %v", name, err)
		}
	}
}

func TestEveryAnswerIsGuarded(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for _, w := range []*httptest.ResponseRecorder{
		get(t, s, "/"), get(t, s, "/events/"), get(t, s, "/nothing"), get(t, s, "/_next/nothing.js"), get(t, s, "/favicon.ico"),
		get(t, s, "/_next/static/chunks/a1b2.js"), ask(t, s, "POST", "/"), get(t, s, "/events", "If-None-Match", "*"),
	} {
		h := w.Header()
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin",
		} {
			if got := h.Values(name); len(got) != 1 || got[0] != want {
				t.Errorf("%d: %s is %q", w.Code, name, got)
			}
		}
		if csp := h.Values("Content-Security-Policy"); len(csp) != 1 || !strings.HasPrefix(csp[0], "default-src 'none'") || !strings.Contains(csp[0], "frame-ancestors 'none'") {
			t.Errorf("%d: Content-Security-Policy is %q", w.Code, csp)
		}
		if !strings.Contains(h.Get("Permissions-Policy"), "camera=()") || h.Get("X-Powered-By") != "" || h.Get("Cache-Control") == "" {
			t.Errorf("%d: %v", w.Code, h)
		}
	}
}
