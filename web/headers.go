package web

import (
	"path"
	"strconv"
	"strings"
)

// mediaTypes are those that an export has. They stand here, for what package mime knows differs from machine to machine.
var mediaTypes = map[string]string{
	".html":        "text/html; charset=utf-8",
	".js":          "text/javascript; charset=utf-8",
	".css":         "text/css; charset=utf-8",
	".json":        "application/json",
	".map":         "application/json",
	".txt":         "text/plain; charset=utf-8", // the router of an export takes its payloads so, and robots.txt has to be
	".xml":         "application/xml; charset=utf-8",
	".webmanifest": "application/manifest+json",
	".svg":         "image/svg+xml; charset=utf-8",
	".ico":         "image/x-icon",
	".png":         "image/png",
	".jpg":         "image/jpeg",
	".webp":        "image/webp",
	".avif":        "image/avif",
	".woff2":       "font/woff2",
}

const unknownType = "application/octet-stream"

func mediaTypeOf(name string) string {
	if t, known := mediaTypes[path.Ext(name)]; known {
		return t
	}
	return unknownType
}

// accepts tells whether the lines of an Accept-Encoding name a coding, or "*", without refusing it (q=0). Weights above
// zero are all the same to it: the server knows what is smaller. A weight that cannot be read is a refusal.
func accepts(lines []string, coding string) bool {
	others := false
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			name, weight, _ := strings.Cut(item, ";")
			switch name = strings.TrimSpace(name); {
			case strings.EqualFold(name, coding):
				return isPositive(weight)
			case name == "*":
				others = isPositive(weight)
			}
		}
	}
	return others
}

// isPositive reads "q=0.5"; nothing is one.
func isPositive(weight string) bool {
	weight = strings.TrimSpace(weight)
	if weight == "" {
		return true
	}
	key, value, _ := strings.Cut(weight, "=")
	q, err := strconv.ParseFloat(value, 32)
	return err == nil && strings.EqualFold(key, "q") && q > 0
}

// hasTag tells whether the lines of an If-None-Match have the tag. The comparison is the weak one of RFC 9110, 13.1.2: a proxy that
// compresses makes strong tags weak.
func hasTag(lines []string, tag string) bool {
	for _, line := range lines {
		for item := range strings.SplitSeq(line, ",") {
			if item = strings.TrimSpace(item); item == "*" || strings.TrimPrefix(item, "W/") == tag {
				return true
			}
		}
	}
	return false
}
