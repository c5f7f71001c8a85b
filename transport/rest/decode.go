package rest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

const mustBeID = "must be a UUID"

// decode reads the call's body, which has to be one JSON object with exactly the fields of T: each at most once, of its
// type, none unknown, none null, and none missing but those that T marks optional with a pointer or omitempty. It reports
// everything that is wrong with the fields at once, by name.
//
// Strings are copied: nothing of T refers to the body.
func decode[T any](c *call) (T, error) {
	var into T
	if len(c.body) == 0 {
		return into, malformed("the body is empty")
	}
	if !utf8.Valid(c.body) {
		return into, malformed("the body is not UTF-8")
	}
	if !json.Valid(c.body) {
		return into, syntaxError(c.body)
	}
	d := decoder{cursor: cursor{data: c.body}}
	raw := d.next()
	if raw[0] != '{' {
		return into, malformed("the body must be a JSON object, not " + typeOf(raw))
	}
	d.object(reflect.ValueOf(&into).Elem(), shapeOf(reflect.TypeFor[T]()), raw, "")
	return into, d.err()
}

// noFields is the body of a call that has nothing to say.
type noFields struct{}

func syntaxError(body []byte) error {
	var raw json.RawMessage
	err := json.Unmarshal(body, &raw)
	if err == nil {
		return malformed("the body is not JSON")
	}
	return malformed(err.Error())
}

type decoder struct {
	cursor
	problems
}

// object fills v from the object raw. path is what comes before the names of its fields.
func (d *decoder) object(v reflect.Value, s *shape, raw []byte, path string) {
	var seen uint64
	in := cursor{data: raw, pos: 1}
	for in.more('}') {
		name := in.next()
		in.colon()
		value := in.next()
		i := s.find(name)
		if i < 0 {
			d.add(path+unquote(name), codeUnknownField, "is not a field of this request")
			continue
		}
		f := &s.fields[i]
		if seen&(1<<i) != 0 {
			d.add(path+f.name, codeDuplicateField, "is given twice")
			continue
		}
		seen |= 1 << i
		target := v.Field(f.index)
		if f.pointer {
			target.Set(reflect.New(f.shape.goType))
			target = target.Elem()
		}
		d.value(target, f.shape, value, path, f.name)
	}
	for i := range s.fields {
		if f := &s.fields[i]; f.required && seen&(1<<i) == 0 {
			d.add(path+f.name, codeRequired, "is required")
		}
	}
}

// value fills v from raw. The field's whole name is path and name, joined only where it is needed.
func (d *decoder) value(v reflect.Value, s *shape, raw []byte, path, name string) {
	if !s.kind.accepts(raw[0]) {
		d.add(path+name, codeWrongType, "must be "+s.kind.String()+", not "+typeOf(raw))
		return
	}
	switch s.kind {
	case anObject:
		d.object(v, s, raw, path+name+".")
	case aList:
		d.list(v, s, raw, path+name)
	case aText:
		text := unquote(raw)
		if strings.Contains(text, "\x00") {
			d.add(path+name, codeInvalid, "must not contain the NUL character")
		}
		if strings.Count(text, "\uFFFD") != bytes.Count(raw, []byte("\uFFFD"))+bytes.Count(bytes.ToLower(raw), []byte(`\ufffd`)) {
			d.add(path+name, codeInvalid, "must not contain half a surrogate pair")
		}
		v.SetString(text)
	case aNumber:
		v.SetString(string(raw))
	case aWholeNumber:
		n, err := strconv.ParseInt(string(raw), 10, 64)
		if err != nil || v.OverflowInt(n) {
			if bytes.ContainsAny(raw, ".eE") {
				d.add(path+name, codeWrongType, "must be a whole number")
			} else {
				d.add(path+name, codeInvalid, "is out of range")
			}
			return
		}
		v.SetInt(n)
	case anID:
		id, ok := parseID(string(raw[1 : len(raw)-1]))
		if !ok {
			d.add(path+name, codeInvalid, mustBeID)
			return
		}
		*v.Addr().Interface().(*uuid.UUID) = id
	case aTime:
		t, err := time.Parse(time.RFC3339, unquote(raw))
		if t = t.UTC(); err != nil || t.Year() < 0 || t.Year() > 9999 { // in UTC it must be writable as it was read
			d.add(path+name, codeInvalid, "must be a time such as 2031-03-15T10:00:00Z")
			return
		}
		*v.Addr().Interface().(*time.Time) = t
	}
}

func (d *decoder) list(v reflect.Value, s *shape, raw []byte, path string) {
	items := reflect.MakeSlice(s.goType, 0, 4)
	in := cursor{data: raw, pos: 1}
	for i := 0; in.more(']') && len(d.problems) < maxProblems; i++ {
		item := reflect.New(s.item.goType).Elem()
		d.value(item, s.item, in.next(), path, "["+strconv.Itoa(i)+"]")
		items = reflect.Append(items, item)
	}
	v.Set(items)
}

// unquote decodes a valid JSON string.
func unquote(raw []byte) string {
	if plain := raw[1 : len(raw)-1]; bytes.IndexByte(plain, '\\') < 0 {
		return string(plain)
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		panic(fmt.Sprintf("rest: a valid JSON string does not decode: %v", err))
	}
	return text
}

// typeOf names the type of a JSON value as a client would.
func typeOf(raw []byte) string {
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "true or false"
	case 'n':
		return "null"
	default:
		return "a number"
	}
}
