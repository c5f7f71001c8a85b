package rest_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"
)

func TestTheContractIsServedAsJSON(t *testing.T) {
	t.Parallel()
	w := send(t, newAPI(t, &fakes{}), request{path: "/openapi.json"})
	var doc struct {
		OpenAPI string
		Paths   map[string]any
	}
	if err := json.Unmarshal(w.Body.Bytes(), &doc); err != nil || doc.OpenAPI == "" || doc.Paths["/book"] == nil {
		t.Errorf("%d %v: %.200s", w.Code, err, w.Body)
	}
	if w.Header().Get("Content-Type") != "application/json" {
		t.Errorf("Content-Type is %q", w.Header().Get("Content-Type"))
	}
}

// Everything the page refers to is relative and is served from here.
func TestTheDocsComeFromTheBinaryOnly(t *testing.T) {
	t.Parallel()
	api := newAPI(t, &fakes{})
	page := send(t, api, request{path: "/docs"})
	if page.Code != 200 || !strings.HasPrefix(page.Header().Get("Content-Type"), "text/html") {
		t.Fatalf("%d %s", page.Code, page.Header().Get("Content-Type"))
	}
	html := page.Body.String()
	links := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllStringSubmatch(html, -1)
	if len(links) < 4 {
		t.Fatalf("links: %v", links)
	}
	for _, link := range links {
		if strings.Contains(link[1], "//") {
			t.Errorf("%s is somewhere else", link[1])
		}
		if w := send(t, api, request{path: "/" + link[1]}); w.Code != 200 || w.Body.Len() == 0 {
			t.Errorf("%s: %d", link[1], w.Code)
		}
	}
	if strings.Contains(html, "<script>") || strings.Contains(html, " on") && regexp.MustCompile(` on\w+=`).MatchString(html) {
		t.Error("the page has scripts of its own, which its policy forbids")
	}
	policy := page.Header().Get("Content-Security-Policy")
	if strings.Contains(policy, "http") || strings.Contains(policy, "*") || strings.Contains(policy, "unsafe-eval") {
		t.Errorf("the policy lets others in: %s", policy)
	}
	start := send(t, api, request{path: "/docs/start.js"}).Body.String()
	if !strings.Contains(start, "validatorUrl: null") || strings.Contains(start, "//validator") {
		t.Errorf("Swagger UI would tell a validator: %s", start)
	}
}

func TestTheDocsAreSentCompressed(t *testing.T) {
	t.Parallel()
	w := send(t, newAPI(t, &fakes{}), request{path: "/docs/swagger-ui-bundle.js"}.with("Accept-Encoding", "gzip"))
	if w.Code != 200 || w.Header().Get("Content-Encoding") != "gzip" || w.Body.Len() > 600_000 {
		t.Errorf("%d, %q, %d bytes", w.Code, w.Header().Get("Content-Encoding"), w.Body.Len())
	}
}
