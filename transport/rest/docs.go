package rest

import (
	"embed"
	"net/http"
	"sync"

	"github.com/oasdiff/yaml"
	"github.com/swaggest/swgui/v5/static"
	"github.com/vearutop/statigz"
)

//go:embed openapi.yaml
var contractYAML []byte

//go:embed docs
var docsFiles embed.FS

// contractJSON is openapi.yaml as JSON, made when it is first asked for.
var contractJSON = sync.OnceValues(func() ([]byte, error) { return yaml.YAMLToJSON(contractYAML) })

func (a *api) contract(c *call) error {
	contract, err := contractJSON()
	if err != nil {
		return err
	}
	c.Header()["Content-Type"] = jsonType
	_, _ = c.Write(contract)
	return nil
}

// docsPolicy lets Swagger UI run from this binary, and nothing come from or go to anywhere else.
var docsPolicy = []string{"default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
	"connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}

// docsPage refers to everything relatively, so that it works below /api too.
func (a *api) docsPage(c *call) error {
	c.Header()["Content-Security-Policy"] = docsPolicy
	http.ServeFileFS(c, c.r, docsFiles, "docs/index.html")
	return nil
}

func (a *api) docsAsset(c *call) error {
	asset := c.match.Vars["asset"]
	c.Header().Set("Cache-Control", "no-cache")
	if asset == "start.js" {
		http.ServeFileFS(c, c.r, docsFiles, "docs/start.js")
		return nil
	}
	a.docs.ServeHTTP(c, withPath(c.r, "/"+asset))
	return nil
}

// newDocs serves Swagger UI's own files, compressed as they are in the binary.
func newDocs(a *api) http.Handler {
	return statigz.FileServer(static.FS, func(s *statigz.Server) {
		s.OnNotFound = func(w http.ResponseWriter, _ *http.Request) { a.fail(w.(*call), errNoRoute) }
		s.OnError = func(w http.ResponseWriter, _ *http.Request, err error) { a.fail(w.(*call), err) }
	})
}
