package web

import (
	"errors"
	"io/fs"
	"net/http"
	"net/url"
	"path"
	"strings"
)

const (
	placeholder  = "placeholder.html"
	notFoundPage = "404.html"
	// assets is where the export keeps what only its own pages ask for; what is below hashed has its content in its name.
	assets = "/_next/"
	hashed = assets + "static/"
)

// A site is what dist holds, by the path that it is answered at.
type site struct {
	files    map[string]*file
	moved    map[string]string // another name of a page → its path
	notFound *file
}

// newSite reads all of dist. Without an index.html there is no export, and the placeholder stands for all of it.
func newSite(dist fs.FS) (*site, error) {
	allowed, err := readAllowances(dist)
	if err != nil {
		return nil, err
	}
	s := &site{files: map[string]*file{}, moved: map[string]string{}}
	if _, err := fs.Stat(dist, "index.html"); errors.Is(err, fs.ErrNotExist) {
		page, err := readFile(dist, placeholder, allowed)
		if err != nil {
			return nil, err
		}
		s.files["/"], s.notFound = page, page
		return s, nil
	}
	if s.notFound, err = readFile(dist, notFoundPage, allowed); err != nil {
		return nil, err
	}
	return s, fs.WalkDir(dist, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || isPrivate(name) {
			return err
		}
		f, err := readFile(dist, name, allowed)
		if err != nil {
			return err
		}
		s.add(name, f)
		return nil
	})
}

// isPrivate tells what has no path of its own: what is part of another answer, or speaks to this program only. The export's
// pages for what is not found are among it, for at a path of their own they would be found.
func isPrivate(name string) bool {
	switch name {
	case placeholder, notFoundPage, "_not-found.html", allowancesFile:
		return true
	}
	return path.Ext(name) == ".br" || path.Ext(name) == ".gz"
}

func (s *site) add(name string, f *file) {
	at := "/" + name
	page, isPage := strings.CutSuffix(at, ".html")
	if !isPage {
		s.files[at] = f
		return
	}
	if page == "/index" {
		s.moved[page] = "/"
		page = "/"
	}
	s.moved[at] = page
	if s.files[page] == nil { // a file of exactly this name, which comes before it in the walk, goes first
		s.files[page] = f
	}
}

// canonical returns the path that another name of a page is redirected to. It is always one of the site's own paths, so that
// nothing that a client wrote before the query can lead to another host.
func (s *site) canonical(path string) (to string, moved bool) {
	if to, moved = s.moved[path]; moved {
		return to, true
	}
	bare := strings.TrimRight(path, "/")
	if bare == path {
		return "", false
	}
	if bare == "" {
		return "/", true
	}
	f := s.files[bare]
	return bare, f != nil && f.isPage()
}

var (
	nosniff     = []string{"nosniff"}
	noReferrer  = []string{"no-referrer"}
	sameOrigin  = []string{"same-origin"}
	nothingElse = []string{"default-src 'none'; frame-ancestors 'none'"}
	permissions = []string{"accelerometer=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), hid=(), " +
		"magnetometer=(), microphone=(), midi=(), payment=(), serial=(), usb=(), xr-spatial-tracking=()"}
	noStore = []string{"no-store"}
	noCache = []string{"no-cache"}
	forEver = []string{"public, max-age=31536000, immutable"}
)

// ServeHTTP answers the paths of the site. Strict-Transport-Security is left to whoever ends TLS.
func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h["X-Content-Type-Options"] = nosniff
	h["Referrer-Policy"] = noReferrer
	h["Cross-Origin-Opener-Policy"] = sameOrigin
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["Permissions-Policy"] = permissions
	h["Content-Security-Policy"] = nothingElse
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h["Cache-Control"] = noStore
		h["Allow"] = []string{"GET, HEAD"}
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	path := r.URL.Path
	if f := s.files[path]; f != nil {
		f.answer(w, r)
		return
	}
	if to, moved := s.canonical(path); moved {
		redirect(w, r, to)
		return
	}
	if path+"/" == assets || strings.HasPrefix(path, assets) {
		h["Cache-Control"] = noStore
		http.Error(w, "not found", http.StatusNotFound)
		return
	}
	s.notFound.answerMissing(w, r)
}

func redirect(w http.ResponseWriter, r *http.Request, to string) {
	w.Header()["Cache-Control"] = noCache
	target := url.URL{Path: to, RawQuery: r.URL.RawQuery}
	http.Redirect(w, r, target.String(), http.StatusPermanentRedirect)
}
