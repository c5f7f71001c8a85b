package rest

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// kind is what a JSON value has to be.
type kind uint8

const (
	anObject kind = iota
	aList
	aText
	aNumber
	aWholeNumber
	anID
	aTime
)

func (k kind) String() string {
	return [...]string{"an object", "a list", "a string", "a number", "a whole number", "a string (a UUID)", "a string (a time)"}[k]
}

// accepts reports whether a value that begins like this can be of the kind.
func (k kind) accepts(first byte) bool {
	switch k {
	case anObject:
		return first == '{'
	case aList:
		return first == '['
	case aNumber, aWholeNumber:
		return first == '-' || '0' <= first && first <= '9'
	default:
		return first == '"'
	}
}

// shape is what a JSON value has to look like to fill a Go type.
type shape struct {
	kind   kind
	goType reflect.Type
	fields []field // of an object
	item   *shape  // of a list
}

type field struct {
	name     string
	index    int
	required bool
	pointer  bool
	shape    *shape
}

// find returns the index of the field with this name, which is a JSON string, or -1. Names are told apart by case.
func (s *shape) find(name []byte) int {
	plain := name[1 : len(name)-1]
	for i := range s.fields {
		if s.fields[i].name == string(plain) {
			return i
		}
	}
	if decoded := unquote(name); decoded != string(plain) { // written with escapes
		for i := range s.fields {
			if s.fields[i].name == decoded {
				return i
			}
		}
	}
	return -1
}

var shapes sync.Map // reflect.Type → *shape

// shapeOf returns the shape of a generated request type. Types it does not know are a mistake in openapi.yaml: it panics.
func shapeOf(t reflect.Type) *shape {
	if s, ok := shapes.Load(t); ok {
		return s.(*shape)
	}
	s := newShape(t)
	shapes.Store(t, s)
	return s
}

func newShape(t reflect.Type) *shape {
	s := &shape{goType: t}
	switch {
	case t == reflect.TypeFor[uuid.UUID]():
		s.kind = anID
	case t == reflect.TypeFor[time.Time]():
		s.kind = aTime
	case t == reflect.TypeFor[json.Number]():
		s.kind = aNumber
	case t.Kind() == reflect.String:
		s.kind = aText
	case t.Kind() == reflect.Int || t.Kind() == reflect.Int64:
		s.kind = aWholeNumber
	case t.Kind() == reflect.Slice:
		s.kind, s.item = aList, newShape(t.Elem())
	case t.Kind() == reflect.Struct && t.NumField() <= 64:
		s.kind, s.fields = anObject, fieldsOf(t)
	default:
		panic(fmt.Sprintf("rest: no request can have a %v", t))
	}
	return s
}

func fieldsOf(t reflect.Type) []field {
	fields := make([]field, 0, t.NumField())
	for i := range t.NumField() {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		f := field{name: name, index: i, required: options == ""}
		goType := t.Field(i).Type
		if f.pointer = goType.Kind() == reflect.Pointer; f.pointer {
			goType = goType.Elem()
		}
		f.shape = newShape(goType)
		fields = append(fields, f)
	}
	return fields
}
