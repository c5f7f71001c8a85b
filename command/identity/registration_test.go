package identity

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEmailAddresses(t *testing.T) {
	t.Parallel()
	label := strings.Repeat("d", 61)
	longest := strings.Repeat("l", 64) + "@" + strings.Join([]string{label, label, label, "co"}, ".") // 64 + 1 + 188
	for email, ok := range map[string]bool{
		"user@example.com":               true,
		"User.Name+tag@Mail.Example.com": true,
		"o'brien@example.co.uk":          true,
		"a@xn--bcher-kva.example":        true,
		longest:                          true,

		"":                              false,
		"user":                          false,
		"@example.com":                  false,
		"user@":                         false,
		"user@localhost":                false,
		"user@example.":                 false,
		"user@.com":                     false,
		"user@exa mple.com":             false,
		"user@-example.com":             false,
		"user@exam_ple.com":             false,
		"user@[127.0.0.1]":              false,
		"user..name@example.com":        false,
		".user@example.com":             false,
		"us er@example.com":             false,
		`"us er"@example.com`:           false,
		`"user"@example.com`:            false,
		"User <user@example.com>":       false,
		"user@example.com (me)":         false,
		"a@example.com,b@example.com":   false,
		"user@example.com\nBcc: x@y.zz": false,
		"us\x00er@example.com":          false,
		"user@example.com\x00":          false,
		"usér@example.com":              false,
		"user@exämple.com":              false,
		"user@example.com\xff":          false,
		"l" + longest:                   false,
		"user@" + strings.Repeat("d", 64) + ".com":                           false,
		"username@" + strings.Repeat(strings.Repeat("d", 60)+".", 4) + "com": false,
	} {
		if got := emailProblem(email) == ""; got != ok {
			t.Errorf("%q: accepted %v, want %v", email, got, ok)
		}
	}
}

func TestPasswordRules(t *testing.T) {
	t.Parallel()
	for password, want := range map[string]string{
		"secret12":                    "",
		"пароль12":                    "",
		" pass 1 ":                    "",
		strings.Repeat("a", 71) + "1": "",
		"":                            "is required",
		"secret1":                     "must be at least 8 characters",
		"ключ123":                     "must be at least 8 characters",
		"12345678":                    "must contain a letter",
		"password":                    "must contain a number",
		strings.Repeat("a", 72) + "1": "must be at most 72 bytes of text",
		strings.Repeat("я", 36) + "1": "must be at most 72 bytes of text",
		"secret12\x00":                "must be at most 72 bytes of text",
		"secret12\xff":                "must be at most 72 bytes of text",
	} {
		if got := passwordProblem(password); got != want {
			t.Errorf("%q: %q, want %q", password, got, want)
		}
	}
}

func TestNameRules(t *testing.T) {
	t.Parallel()
	for name, ok := range map[string]bool{
		"Al":                     true,
		"李明":                     true,
		"Zoë O’Neill-Čapek Jr.":  true,
		strings.Repeat("ñ", 100): true,

		"":                       false,
		"A":                      false,
		strings.Repeat("n", 101): false,
		"Ada\nLovelace":          false,
		"Ada\x00":                false,
		"Ada\u202eecalevoL":      false,
		"Ada\u2028Lovelace":      false,
		"Ada\xff":                false,
	} {
		if got := nameProblem(name) == ""; got != ok {
			t.Errorf("%q: accepted %v, want %v", name, got, ok)
		}
	}
}

func TestEveryWrongFieldIsNamedOnce(t *testing.T) {
	t.Parallel()
	_, err := Registration{Email: "nobody", Password: "short", Name: " x "}.cleaned()
	joined, ok := err.(interface{ Unwrap() []error })
	if !ok {
		t.Fatalf("got %v, want joined errors", err)
	}
	var fields []string
	for _, err := range joined.Unwrap() {
		var field *FieldError
		if !errors.As(err, &field) {
			t.Fatalf("got %v, want a *FieldError", err)
		}
		fields = append(fields, field.InvalidField())
	}
	if diff := cmp.Diff([]string{"email", "password", "name"}, fields); diff != "" {
		t.Error(diff)
	}
}

func TestEmailAndNameAreTrimmedAndPasswordIsNot(t *testing.T) {
	t.Parallel()
	got, err := Registration{Email: " Ada@Example.com\n", Password: " secret12 ", Name: "\tAda "}.cleaned()
	if err != nil {
		t.Fatal(err)
	}
	want := Registration{Email: "Ada@Example.com", Password: " secret12 ", Name: "Ada"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
