package config

import (
	"net/url"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/jackc/pgx/v5/pgconn"
)

const hidden = "********"

// masked returns the value of a setting without what must not be seen. Where it cannot tell what that is, it shows nothing.
func masked(name, value string) string {
	switch {
	case value == "":
		return ""
	case isSecret(name):
		return hidden
	case strings.HasSuffix(name, "DATABASE_URL") && !strings.Contains(value, "://"):
		return maskedKeywords(value)
	case !strings.ContainsAny(value, "@?") && !strings.Contains(value, "://"):
		return value
	}
	parts := []string{value}
	if !strings.HasSuffix(name, "DATABASE_URL") { // where a comma is between two hosts of one address
		parts = addresses(value)
	}
	for i, part := range parts {
		parts[i] = maskedAddress(strings.TrimSpace(part))
	}
	return strings.Join(parts, ",")
}

// addresses parts a list: a broker may have several, and an allowed origin has company. A comma with no scheme behind it may be
// one of a password.
func addresses(list string) (parts []string) {
	for part := range strings.SplitSeq(list, ",") {
		if n := len(parts); n > 0 && strings.Contains(parts[n-1], "://") && !strings.Contains(part, "://") {
			parts[n-1] += "," + part
			continue
		}
		parts = append(parts, part)
	}
	return parts
}

func isSecret(name string) bool {
	return slices.ContainsFunc([]string{"SECRET", "PASSWORD", "TOKEN", "HEADERS", "KEY"}, func(word string) bool { return strings.Contains(name, word) })
}

// maskedAddress masks the password of an address; without one, a user that may be a token; and parameters that are secret.
func maskedAddress(address string) string {
	scheme, rest, ok := strings.Cut(address, "://")
	if !ok || strings.ContainsFunc(scheme, func(r rune) bool { return r > unicode.MaxASCII || !unicode.IsLetter(r) && r != '+' }) {
		if strings.ContainsAny(address, "@?") {
			return hidden
		}
		return address
	}
	rest, query, hasQuery := strings.Cut(rest, "?")
	if strings.Contains(query, "@") { // is it a parameter's, or did the ? belong to the password?
		return scheme + "://" + hidden
	}
	if at := strings.LastIndexByte(rest, '@'); at >= 0 {
		user, _, hasPassword := strings.Cut(rest[:at], ":")
		switch {
		case hasPassword:
			user += ":" + hidden
		case !strings.HasPrefix(scheme, "postgres"):
			user = hidden
		}
		rest = user + rest[at:]
	}
	if hasQuery {
		rest += "?" + maskedQuery(query)
	}
	return scheme + "://" + rest
}

func maskedQuery(query string) string {
	parts := strings.Split(query, "&")
	for i, part := range parts {
		key, _, _ := strings.Cut(part, "=")
		if plain, err := url.QueryUnescape(key); err != nil || strings.Contains(strings.ToLower(plain), "pass") || isSecret(strings.ToUpper(plain)) {
			parts[i] = key + "=" + hidden
		}
	}
	return strings.Join(parts, "&")
}

// keyword matches one setting of a connection string such as "host=db password='two words'".
var keyword = regexp.MustCompile(`(?i)(\w*pass\w*\s*=\s*)('(?:[^'\\]|\\.)*'|(?:[^\s\\]|\\.)+)`)

// maskedKeywords shows a connection string only if it is one: else nobody knows what is in it.
func maskedKeywords(connection string) string {
	if _, err := pgconn.ParseConfig(connection); err != nil {
		return hidden
	}
	return keyword.ReplaceAllString(connection, "${1}"+hidden)
}
