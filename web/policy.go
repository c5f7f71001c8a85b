package web

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/net/html"
)

// allowancesFile may stand in dist. It is not served.
const allowancesFile = "csp.json"

// allowances are what a build allows on every page, besides what can be read from the page itself.
type allowances struct {
	// Style has hashes, such as "sha256-…", of style elements that a library adds in the browser.
	Style []string `json:"style"`
	// Connect has the origins of an API elsewhere, each scheme that is used: "https://api.example" does not stand for
	// "wss://api.example".
	Connect []string `json:"connect"`
}

func readAllowances(dist fs.FS) (a allowances, err error) {
	content, err := fs.ReadFile(dist, allowancesFile)
	if errors.Is(err, fs.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return a, err // it names the file
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&a); err != nil {
		return a, fmt.Errorf("%s: %w", allowancesFile, err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return a, fmt.Errorf("%s: there is more than one value in it", allowancesFile)
	}
	if err := a.check(); err != nil {
		return a, fmt.Errorf("%s: %w", allowancesFile, err)
	}
	return a, nil
}

var (
	hashSource = regexp.MustCompile(`^(sha256-[A-Za-z0-9+/]{43}=|sha384-[A-Za-z0-9+/]{64}|sha512-[A-Za-z0-9+/]{86}==)$`)
	hostName   = regexp.MustCompile(`^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]+)?$`)
)

// check lets nothing through that would say more in a policy than it is meant to, such as 'unsafe-inline', "*" or ";".
func (a allowances) check() error {
	for _, hash := range a.Style {
		if !hashSource.MatchString(hash) {
			return fmt.Errorf("style: %q is no hash", hash)
		}
	}
	for _, origin := range a.Connect {
		u, err := url.Parse(origin)
		if err != nil || !slices.Contains([]string{"http", "https", "ws", "wss"}, u.Scheme) ||
			!hostName.MatchString(u.Host) || origin != u.Scheme+"://"+u.Host {
			return fmt.Errorf("connect: %q is no origin", origin)
		}
	}
	return nil
}

// policyFor returns the Content-Security-Policy of a page: it runs the export's own files and exactly the inline scripts and
// styles that the page was built with. Nothing in it comes from a request.
//
// 'self' stands for WebSockets of the same host too, as CSP 3 has it, and everything but Safari before 16 understands it so.
// Those are too old for the rest of the dashboard as well, and the counts would be polled there; naming the request's Host
// for their sake would put what a client wrote into a policy.
func policyFor(page []byte, allowed allowances) (string, error) {
	scripts, styles, err := inlineHashes(page)
	if err != nil {
		return "", err
	}
	for _, hash := range allowed.Style {
		styles = append(styles, "'"+hash+"'")
	}
	return strings.Join([]string{
		"default-src 'none'",
		sources("script-src 'self'", scripts),
		sources("style-src 'self'", styles),
		"img-src 'self' data:",
		"font-src 'self'",
		sources("connect-src 'self'", allowed.Connect),
		"manifest-src 'self'",
		"object-src 'none'",
		"base-uri 'none'",
		"form-action 'self'",
		"frame-ancestors 'none'",
	}, "; "), nil
}

// sources adds to a directive what it does not have yet, in order.
func sources(directive string, more []string) string {
	all := []string{directive}
	for _, source := range more {
		if !slices.Contains(all, source) {
			all = append(all, source)
		}
	}
	return strings.Join(all, " ")
}

// inlineHashes returns the sources that allow the page's inline scripts and styles. It hashes what a parser makes of them,
// as browsers do, and not the bytes between the tags.
func inlineHashes(page []byte) (scripts, styles []string, err error) {
	document, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, nil, err
	}
	for node := range document.Descendants() {
		if node.Type != html.ElementNode {
			continue
		}
		switch node.Data {
		case "script":
			if _, external := attribute(node, "src"); !external {
				scripts = append(scripts, hashOf(node))
			}
		case "style":
			styles = append(styles, hashOf(node))
		}
	}
	return scripts, styles, nil
}

func attribute(node *html.Node, name string) (value string, has bool) {
	for _, a := range node.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

func hashOf(node *html.Node) string {
	hash := sha256.New()
	for child := range node.ChildNodes() {
		if child.Type == html.TextNode {
			hash.Write([]byte(child.Data))
		}
	}
	return "'sha256-" + base64.StdEncoding.EncodeToString(hash.Sum(nil)) + "'"
}
