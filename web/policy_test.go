package web

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
)

// directives takes a page's policy apart.
func directives(t *testing.T, h http.Handler, target string) map[string][]string {
	t.Helper()
	parts := map[string][]string{}
	for directive := range strings.SplitSeq(get(t, h, target).Header().Get("Content-Security-Policy"), "; ") {
		words := strings.Fields(directive)
		if _, twice := parts[words[0]]; twice {
			t.Errorf("%s: %s stands twice, and browsers read the first", target, words[0])
		}
		parts[words[0]] = words[1:]
	}
	return parts
}

func hash(s string) string {
	sum := sha256.Sum256([]byte(s))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}

func TestAPageRunsItsOwnScriptsAndStylesOnly(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for target, want := range map[string]map[string][]string{
		"/":        {"script-src": {"'self'", hash(`start("home")`)}, "style-src": {"'self'"}},
		"/events":  {"script-src": {"'self'", hash(`start("events")`)}, "style-src": {"'self'", hash(`.events{}`)}},
		"/nothing": {"script-src": {"'self'", hash(`start("404")`)}, "style-src": {"'self'"}},
	} {
		policy := directives(t, s, target)
		for directive, sources := range want {
			if !slices.Equal(policy[directive], sources) {
				t.Errorf("%s: %s is %v, want %v", target, directive, policy[directive], sources)
			}
		}
	}
}

func TestThePolicyOfAPageIsTight(t *testing.T) {
	t.Parallel()
	policy := directives(t, open(t, export()), "/")
	for directive, want := range map[string]string{
		"default-src": "'none'", "img-src": "'self' data:", "font-src": "'self'", "connect-src": "'self'", "manifest-src": "'self'",
		"object-src": "'none'", "base-uri": "'none'", "form-action": "'self'", "frame-ancestors": "'none'",
	} {
		if got := strings.Join(policy[directive], " "); got != want {
			t.Errorf("%s is %q, want %q", directive, got, want)
		}
	}
	if all := get(t, open(t, export()), "/").Header().Get("Content-Security-Policy"); strings.Contains(all, "unsafe") || strings.Contains(all, "*") {
		t.Error(all)
	}
}

// The negative control: what was not in the build has a hash that no policy has.
func TestAnInjectedScriptIsNotInThePolicy(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	for _, injected := range []string{`steal()`, `start("home");steal()`, `start("home") `, `start("events")`, ""} {
		if policy := directives(t, s, "/"); slices.Contains(policy["script-src"], hash(injected)) {
			t.Errorf("%q would run: %v", injected, policy)
		}
	}
	if policy := directives(t, s, "/"); slices.Contains(policy["style-src"], hash(".events{}")) {
		t.Errorf("another page's style is allowed: %v", policy)
	}
}

func TestAHashIsOfWhatABrowserSees(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ page, script string }{
		"line ends are normalised":            {"<script>a()\r\nb()\rc()</script>", "a()\nb()\nc()"},
		"entities stay as they are":           {"<script>a('&amp;')</script>", "a('&amp;')"},
		"tags in strings are text":            {"<script>a('<b>')</script>", "a('<b>')"},
		"comments hide no end":                {"<script><!-- a() </script>", "<!-- a() "},
		"white space counts":                  {"<script>\n a() </script>", "\n a() "},
		"capitals are the same tag":           {"<SCRIPT>a()</SCRIPT>", "a()"},
		"letters of all languages":            {"<script>a('é€𝄞')</script>", "a('é€𝄞')"},
		"a script after the body":             {"<body></body></html><script>a()</script>", "a()"},
		"a script in a template":              {"<template><script>a()</script></template>", "a()"},
		"a script of a type of its own":       {`<script type="speculationrules">{}</script>`, "{}"},
		"the same one twice is allowed once":  {"<script>a()</script><script>a()</script>", "a()"},
		"one with src has nothing to be read": {`<script src="/x.js">no()</script><script>a()</script>`, "a()"},
		"text that looks like one is none":    {`<textarea><script>no()</script></textarea><script>a()</script>`, "a()"},
		"what is commented out is none":       {`<!-- <script>no()</script> --><script>a()</script>`, "a()"},
		"without scripting is another world":  {`<noscript><script>no()</script></noscript><script>a()</script>`, "a()"},
	} {
		policy := directives(t, open(t, with(fstest.MapFS{"page.html": text(row.page)})), "/page")
		if want := []string{"'self'", hash(row.script)}; !slices.Equal(policy["script-src"], want) {
			t.Errorf("%s: %v, want %v", name, policy["script-src"], want)
		}
	}
}

func TestABuildCanAllowStylesAndOriginsOnEveryPage(t *testing.T) {
	t.Parallel()
	style := strings.Trim(hash("[data-toast]{}"), "'")
	s := open(t, with(fstest.MapFS{"csp.json": text(`{"style":["` + style + `"],"connect":["https://api.example:8443","wss://[::1]:1"]}`)}))
	for _, target := range []string{"/", "/events", "/nothing"} {
		policy := directives(t, s, target)
		if !slices.Contains(policy["style-src"], "'"+style+"'") || slices.Contains(policy["script-src"], "'"+style+"'") {
			t.Errorf("%s: %v", target, policy)
		}
		if want := []string{"'self'", "https://api.example:8443", "wss://[::1]:1"}; !slices.Equal(policy["connect-src"], want) {
			t.Errorf("%s: connect-src is %v", target, policy["connect-src"])
		}
	}
}

func TestABuildCannotAllowMoreThanThat(t *testing.T) {
	t.Parallel()
	for _, content := range []string{
		``, `null null`, `{} }`, `{}{}`, `[]`, `{"script":["sha256-x"]}`, `{"style":"sha256-x"}`,
		`{"style":["unsafe-inline"]}`, `{"style":["'unsafe-inline'"]}`, `{"style":["sha256-short="]}`, `{"style":["` + hash("quoted") + `"]}`,
		`{"style":["` + strings.Trim(hash("a"), "'") + `; script-src *"]}`,
		`{"connect":["*"]}`, `{"connect":["https:"]}`, `{"connect":["https://"]}`, `{"connect":["https://*"]}`, `{"connect":["https://*.example"]}`,
		`{"connect":["api.example"]}`, `{"connect":["//api.example"]}`, `{"connect":["https://api.example/"]}`, `{"connect":["https://api.example/v1"]}`,
		`{"connect":["https://me@api.example"]}`, `{"connect":["https://api.example?a"]}`, `{"connect":["https://api.example; script-src *"]}`,
		`{"connect":["https://api.example;x"]}`, `{"connect":["https://a,b"]}`, `{"connect":["ftp://api.example"]}`, `{"connect":["data:"]}`, `{"connect":["javascript:a"]}`, `{"connect":[""]}`,
	} {
		if _, err := newSite(with(fstest.MapFS{"csp.json": text(content)})); err == nil || !strings.HasPrefix(err.Error(), "csp.json: ") {
			t.Errorf("%s: %v", content, err)
		}
	}
}

// What a client sends is in no policy, whatever it calls this host.
func TestThePolicyIsTheSameForEveryRequest(t *testing.T) {
	t.Parallel()
	s := open(t, export())
	want := get(t, s, "/").Header().Get("Content-Security-Policy")
	if got := get(t, s, "http://evil.example/?a='unsafe-inline'", "X-Forwarded-Host", "evil.example").Header().Get("Content-Security-Policy"); got != want {
		t.Errorf("%s, and otherwise %s", got, want)
	}
}
