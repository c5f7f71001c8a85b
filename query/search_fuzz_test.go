package query

import (
	"strings"
	"testing"
)

// A search finds what it says, to the letter: no character of it is a wildcard.
func FuzzSearch(f *testing.F) {
	for _, search := range []string{"100%", "a_b", `\`, `\%`, `%\_`, "rock", "'; drop table events", ""} {
		f.Add(search, "100% a_b \\% rock")
		f.Add(search, "axb")
	}
	for _, search := range []string{"Größe", "e\u0301", "👩‍👩‍👧", "\xc3", "\xff%\xff", "\u202e%", "\x00", strings.Repeat(`%_\`, 100)} {
		f.Add(search, "Konzert „Größe“ é 👩‍👩‍👧")
	}
	f.Fuzz(func(t *testing.T, search, title string) {
		if search == "" {
			if containing(search) != "" {
				t.Error("a search for nothing searches")
			}
			return
		}
		pattern := containing(search)
		if got, want := like(title, pattern), strings.Contains(title, search); got != want {
			t.Errorf("%q finds %q: %v, want %v (%q)", search, title, got, want, pattern)
		}
		if !like("before "+search+" after", pattern) {
			t.Errorf("%q does not find itself (%q)", search, pattern)
		}
	})
}

// like is SQL's LIKE, byte by byte, as PostgreSQL documents it: % is anything, _ is one, and \ takes away what the next one means.
func like(text, pattern string) bool {
	if pattern == "" {
		return text == ""
	}
	switch pattern[0] {
	case '%':
		for i := range len(text) + 1 {
			if like(text[i:], pattern[1:]) {
				return true
			}
		}
		return false
	case '_':
		return text != "" && like(text[1:], pattern[1:])
	case '\\':
		pattern = pattern[1:] // PostgreSQL refuses a pattern that ends with it, and the next line panics
	}
	return text != "" && text[0] == pattern[0] && like(text[1:], pattern[1:])
}
