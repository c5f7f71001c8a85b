package web

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strconv"
	"strings"
)

// A file is one file of the export with everything that is said about it. It never changes.
type file struct {
	mediaType []string
	caching   []string
	policy    []string // nil: not a page
	vary      []string // nil: there is one body only
	bodies    []body   // the best first; the last is not compressed
}

// A body is a file's content in one encoding.
type body struct {
	encoding []string // nil: not compressed
	tag      []string
	length   []string
	content  []byte
}

// encodings are those in which a file may lie beside itself, the smallest first.
var encodings = []struct{ name, suffix string }{{"br", ".br"}, {"gzip", ".gz"}}

// readFile reads one file of dist with its compressed siblings.
func readFile(dist fs.FS, name string, allowed allowances) (*file, error) {
	content, err := fs.ReadFile(dist, name)
	if err != nil {
		return nil, err // it names the file
	}
	f := &file{mediaType: []string{mediaTypeOf(name)}, caching: noCache}
	if strings.HasPrefix("/"+name, hashed) {
		f.caching = forEver
	}
	policy := ""
	if path.Ext(name) == ".html" {
		if policy, err = policyFor(content, allowed); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		f.policy = []string{policy}
	}
	for _, e := range encodings {
		compressed, err := fs.ReadFile(dist, name+e.suffix)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		f.bodies = append(f.bodies, newBody([]string{e.name}, compressed, policy))
		f.vary = []string{"Accept-Encoding"}
	}
	f.bodies = append(f.bodies, newBody(nil, content, policy))
	return f, nil
}

// newBody tags the content together with the page's policy: a browser that has the same HTML under another policy has
// something else.
func newBody(encoding []string, content []byte, policy string) body {
	hash := sha256.New()
	hash.Write(content)
	hash.Write([]byte(policy))
	return body{
		encoding: encoding,
		tag:      []string{`"` + base64.RawURLEncoding.EncodeToString(hash.Sum(nil)[:18]) + `"`},
		length:   []string{strconv.Itoa(len(content))},
		content:  content,
	}
}

func (f *file) isPage() bool { return f.policy != nil }

// answer sends the file, or 304 to who has it.
func (f *file) answer(w http.ResponseWriter, r *http.Request) {
	b := f.choose(r)
	h := f.describe(w)
	h["Cache-Control"] = f.caching
	h["Etag"] = b.tag
	if hasTag(r.Header["If-None-Match"], b.tag[0]) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	f.send(w, r, b, http.StatusOK)
}

// answerMissing sends the file in place of one that is not there. It is not kept: there may be one after the next build.
func (f *file) answerMissing(w http.ResponseWriter, r *http.Request) {
	f.describe(w)["Cache-Control"] = noStore
	f.send(w, r, f.choose(r), http.StatusNotFound)
}

// describe sets what every answer with this file says, with or without its content.
func (f *file) describe(w http.ResponseWriter) http.Header {
	h := w.Header()
	if f.policy != nil {
		h["Content-Security-Policy"] = f.policy
	}
	if f.vary != nil {
		h["Vary"] = f.vary
	}
	return h
}

func (f *file) send(w http.ResponseWriter, r *http.Request, b *body, status int) {
	h := w.Header()
	h["Content-Type"] = f.mediaType
	h["Content-Length"] = b.length
	if b.encoding != nil {
		h["Content-Encoding"] = b.encoding
	}
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(b.content) // an error is the client's going away
	}
}

// choose takes the first body that the client accepts. Who refuses even the plain one gets it all the same.
func (f *file) choose(r *http.Request) *body {
	last := len(f.bodies) - 1
	for i := range f.bodies[:last] {
		if accepts(r.Header["Accept-Encoding"], f.bodies[i].encoding[0]) {
			return &f.bodies[i]
		}
	}
	return &f.bodies[last]
}
