package identity

import (
	"errors"
	"net/mail"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	maxEmail     = 254 // what fits in an SMTP path (RFC 5321, erratum 1690)
	maxLocalPart = 64
	minPassword  = 8
	maxPassword  = 72 // bytes: bcrypt reads no further
	minName      = 2
	maxName      = 100
)

// Registration is what a person gives to get an account.
type Registration struct {
	// Email is a bare ASCII address on a domain with a dot, at most 254
	// characters. Kept as given; its case makes no difference to whom it names.
	Email string
	// Password has at least 8 characters, a letter and a number among them, and
	// at most 72 bytes. It is taken as it comes: spaces count.
	Password string
	// Name has 2 to 100 characters, none of them a control character.
	Name string
}

// cleaned returns r without the white space around e-mail address and name, or
// every field that breaks its rule.
func (r Registration) cleaned() (Registration, error) {
	r.Email = strings.TrimSpace(r.Email)
	r.Name = strings.TrimSpace(r.Name)
	var problems []error
	for _, field := range []struct{ name, problem string }{
		{"email", emailProblem(r.Email)},
		{"password", passwordProblem(r.Password)},
		{"name", nameProblem(r.Name)},
	} {
		if field.problem != "" {
			problems = append(problems, &FieldError{field.name, field.problem})
		}
	}
	return r, errors.Join(problems...)
}

// domainName matches letter-digit-hyphen labels with a dot among them. Other
// alphabets come as punycode: xn--….
var domainName = regexp.MustCompile(`^(?i:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?i:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$`)

// emailProblem is stricter than RFC 5322: no display name, comment, quoted
// local part or address literal, which nobody has and which let one mailbox be
// spelled in many ways. ASCII, so that lower case means one thing everywhere.
func emailProblem(email string) string {
	const malformed = "must be an e-mail address like name@example.com"
	if email == "" {
		return "is required"
	}
	if len(email) > maxEmail {
		return "must be at most 254 characters"
	}
	if strings.ContainsFunc(email, func(r rune) bool { return r > unicode.MaxASCII }) {
		return malformed
	}
	address, err := mail.ParseAddress(email)
	if err != nil || address.Address != email {
		return malformed
	}
	at := strings.LastIndexByte(email, '@')
	if at > maxLocalPart || !domainName.MatchString(email[at+1:]) {
		return malformed
	}
	return ""
}

func passwordProblem(password string) string {
	switch {
	case password == "":
		return "is required"
	case !hashable(password):
		return "must be at most 72 bytes of text"
	case utf8.RuneCountInString(password) < minPassword:
		return "must be at least 8 characters"
	case !strings.ContainsFunc(password, unicode.IsLetter):
		return "must contain a letter"
	case !strings.ContainsFunc(password, unicode.IsNumber):
		return "must contain a number"
	}
	return ""
}

// hashable tells whether bcrypt keeps password apart from every other: it
// ignores what follows the 72nd byte, and takes "a\x00a" for "a".
func hashable(password string) bool {
	return len(password) <= maxPassword && utf8.ValidString(password) && !strings.ContainsRune(password, 0)
}

func nameProblem(name string) string {
	n := utf8.RuneCountInString(name)
	switch {
	case name == "":
		return "is required"
	case !utf8.ValidString(name):
		return "must be text in UTF-8"
	case n < minName || n > maxName:
		return "must be 2 to 100 characters"
	case strings.ContainsFunc(name, disturbs):
		return "must not contain control characters"
	}
	return ""
}

// disturbs: control characters, and those that turn the direction of the text
// around them or break its line.
func disturbs(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Bidi_Control, unicode.Zl, unicode.Zp)
}
