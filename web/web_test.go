package web

import (
	"bytes"
	"compress/gzip"
	"io"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"testing"

	"golang.org/x/net/html"
)

// built returns the real export, where there is one.
func built(t *testing.T) fs.FS {
	t.Helper()
	dist, err := fs.Sub(embedded, "dist")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fs.Stat(dist, "index.html"); err != nil {
		t.Skip("the dashboard is not built: npm run build in web")
	}
	return dist
}

func TestTheProgramHasAPageWithOrWithoutAnExport(t *testing.T) {
	t.Parallel()
	s, err := New()
	if err != nil {
		t.Fatal(err)
	}
	if w := get(t, s, "/"); w.Code != 200 || !strings.Contains(w.Body.String(), "Onsale") {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

func TestThePlaceholderSaysHowToBuildTheDashboard(t *testing.T) {
	t.Parallel()
	page, err := embedded.ReadFile("dist/" + placeholder)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"make build", "Node.js 20", "/api/docs"} {
		if !bytes.Contains(page, []byte(want)) {
			t.Errorf("it does not say %q", want)
		}
	}
	for _, f := range forbidden(t, page) {
		t.Error(f)
	}
}

// A page that needs what its policy forbids looks broken to the reader and fine to the compiler.
func TestNoPageOfTheExportNeedsWhatItsPolicyForbids(t *testing.T) {
	t.Parallel()
	s := open(t, built(t))
	pages := 0
	for at, f := range s.files {
		if f.isPage() {
			pages++
			for _, reason := range forbidden(t, f.bodies[len(f.bodies)-1].content) {
				t.Errorf("%s: %s", at, reason)
			}
		}
	}
	for _, reason := range forbidden(t, s.notFound.bodies[len(s.notFound.bodies)-1].content) {
		t.Errorf("%s: %s", notFoundPage, reason)
	}
	if pages < 2 {
		t.Errorf("only %d pages", pages)
	}
}

// The negative control of the test above.
func TestWhatAPolicyForbidsIsFound(t *testing.T) {
	t.Parallel()
	for _, page := range []string{
		`<p style="color:red">`, `<p onclick="a()">`, `<a href="javascript:a()">`, `<script src="https://cdn.example/a.js"></script>`,
		`<link rel="stylesheet" href="//cdn.example/a.css">`, `<base href="/">`, `<iframe></iframe>`, `<img src="http://cdn.example/a.png">`,
	} {
		if len(forbidden(t, []byte(page))) == 0 {
			t.Errorf("%s was let through", page)
		}
	}
}

// forbidden lists what in a page its policy would refuse.
func forbidden(t *testing.T, page []byte) (reasons []string) {
	t.Helper()
	document, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	for node := range document.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		switch node.Data {
		case "base", "iframe", "object", "embed":
			reasons = append(reasons, "<"+node.Data+">")
		}
		for _, a := range node.Attr {
			elsewhere := strings.Contains(a.Val, "//") && node.Data != "a"
			switch {
			case a.Key == "style", strings.HasPrefix(a.Key, "on"),
				(a.Key == "href" || a.Key == "src") && (elsewhere || strings.HasPrefix(a.Val, "javascript:")):
				reasons = append(reasons, "<"+node.Data+" "+a.Key+`="`+a.Val+`">`)
			}
		}
	}
	return reasons
}

func TestEveryFileOfTheExportIsOfAKnownType(t *testing.T) {
	t.Parallel()
	for at, f := range open(t, built(t)).files {
		if f.mediaType[0] == unknownType {
			t.Errorf("%s: give %q a type", at, path.Ext(at))
		}
	}
}

// A compressed file that was left over from another build would be sent to nearly everybody.
func TestCompressedFilesOfTheExportAreTheSameAndSmaller(t *testing.T) {
	t.Parallel()
	compressed := 0
	for at, f := range open(t, built(t)).files {
		plain := f.bodies[len(f.bodies)-1].content
		for _, b := range f.bodies[:len(f.bodies)-1] {
			compressed++
			if len(b.content) >= len(plain) {
				t.Errorf("%s: %s is not smaller", at, b.encoding[0])
			}
			if b.encoding[0] != "gzip" {
				continue
			}
			reader, err := gzip.NewReader(bytes.NewReader(b.content))
			if err != nil {
				t.Errorf("%s: %v", at, err)
				continue
			}
			if content, err := io.ReadAll(reader); err != nil || !bytes.Equal(content, plain) {
				t.Errorf("%s: another file is in its gzip (%v)", at, err)
			}
		}
	}
	if compressed == 0 {
		t.Error("nothing is compressed")
	}
}

// What a page asks for first is there.
func TestTheExportHasWhatItsPagesReferTo(t *testing.T) {
	t.Parallel()
	s := open(t, built(t))
	for at, f := range s.files {
		if !f.isPage() {
			continue
		}
		document, err := html.Parse(bytes.NewReader(f.bodies[len(f.bodies)-1].content))
		if err != nil {
			t.Fatal(err)
		}
		for node := range document.Descendants() {
			for _, key := range []string{"src", "href"} {
				to, has := attribute(node, key)
				if !has || !strings.HasPrefix(to, "/") || strings.HasPrefix(to, "/api/") {
					continue
				}
				if w := get(t, s, to); w.Code != http.StatusOK {
					t.Errorf("%s refers to %s: %d", at, to, w.Code)
				}
			}
		}
	}
}
