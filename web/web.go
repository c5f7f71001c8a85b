// Package web serves the dashboard: a static export that is embedded in the program, so that in an on-sale a page comes from
// memory and never from a renderer.
//
// The export is made by "npm run build" in this folder, which writes it to dist, with siblings X.br and X.gz of whatever is
// worth compressing. Go builds without it: then the one page that is always there, placeholder.html, says how to make it.
//
// A page is answered at its name without ".html", and nowhere else: /events is dist/events.html, and /events/ and /events.html
// are redirected there. What is not there is 404.html, except below /_next/, where scripts ask and not people. Every page has
// a Content-Security-Policy of its own, which runs the scripts of the export and no others.
//
// Do not assume that a page can be framed, that a style attribute in its HTML has any effect, or that a script, style or
// connection that came in later is allowed: that is what the policy refuses. csp.json in dist is the way to allow more.
package web

import (
	"embed"
	"fmt"
	"io/fs"
	"net/http"
)

//go:embed all:dist
var embedded embed.FS

// New returns the dashboard's handler, with all of its answers in memory. It errs when dist is broken, and names the file.
func New() (http.Handler, error) {
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	s, err := newSite(dist)
	if err != nil {
		return nil, fmt.Errorf("dashboard: %w", err)
	}
	return s, nil
}
