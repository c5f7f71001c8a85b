package rest

import (
	"errors"
	"strings"
)

// What can be wrong with a field.
const (
	codeUnknownField   = "unknown_field"
	codeDuplicateField = "duplicate_field"
	codeRequired       = "required"
	codeWrongType      = "wrong_type"
	codeInvalid        = "invalid"
)

// fault is a reason from the table with what is to be said about it.
type fault struct {
	reason error
	detail string
	fields []FieldProblem
}

func (f *fault) Error() string {
	text := f.reason.Error()
	if f.detail != "" {
		text += ": " + f.detail
	}
	for _, field := range f.fields {
		text += ": " + field.Field + " " + field.Problem
	}
	return text
}

func (f *fault) Unwrap() error { return f.reason }

func malformed(detail string) error { return &fault{reason: errMalformedJSON, detail: detail} }

// maxProblems is how many problems of one request are told, whatever found them.
const maxProblems = 20

// problems gathers what is wrong with the fields of a request.
type problems []FieldProblem

func (p *problems) add(field, code, problem string) {
	if len(*p) < maxProblems {
		*p = append(*p, FieldProblem{Field: shorten(field), Code: code, Problem: problem})
	}
}

// err tells everything that is wrong at once; nil: nothing is.
func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return &fault{reason: errInvalid, fields: p}
}

// shorten keeps a name that a client made up from filling the answer.
func shorten(name string) string {
	if len(name) <= 100 {
		return name
	}
	return strings.ToValidUTF8(name[:100], "") + "…"
}

// invalidFields finds what err says of single fields, in order: this package's own, and every error below it that has a method
// InvalidField. It stops at maxProblems.
func invalidFields(err error) []FieldProblem {
	switch err := err.(type) { //nolint:errorlint // this walks the tree itself
	case *fault:
		return err.fields
	case interface {
		error
		InvalidField() string
	}:
		field := err.InvalidField()
		return []FieldProblem{{Field: field, Code: codeInvalid, Problem: strings.TrimPrefix(err.Error(), field+" ")}}
	case interface{ Unwrap() []error }:
		var fields []FieldProblem
		for _, each := range err.Unwrap() {
			if fields = append(fields, invalidFields(each)...); len(fields) >= maxProblems {
				return fields[:maxProblems]
			}
		}
		return fields
	case nil:
		return nil
	default:
		return invalidFields(errors.Unwrap(err))
	}
}
