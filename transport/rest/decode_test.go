package rest

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

type sample struct {
	Text     string       `json:"text"`
	Whole    *int         `json:"whole,omitempty"`
	Position *int64       `json:"position,omitempty"`
	Price    *json.Number `json:"price,omitempty"`
	ID       *uuid.UUID   `json:"id,omitempty"`
	At       *time.Time   `json:"at,omitempty"`
	Items    []item       `json:"items,omitempty"`
}

type item struct {
	Name string `json:"name"`
}

func TestDecode(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e")
	for name, test := range map[string]struct {
		body string
		want sample
	}{
		"the smallest body":                   {`{"text":""}`, sample{}},
		"space is allowed everywhere":         {" \t\r\n{ \"text\" :\n\"a\" , \"whole\" : 3 } ", sample{Text: "a", Whole: new(3)}},
		"a name may be written with escapes":  {`{"te\u0078t":"a"}`, sample{Text: "a"}},
		"escapes in a string are decoded":     {`{"text":"a\"\\\n\u00e9\ud83c\udf9f"}`, sample{Text: "a\"\\\né🎟"}},
		"a string may look like JSON":         {`{"text":"}],{\"whole\":\"x\"}"}`, sample{Text: `}],{"whole":"x"}`}},
		"a number keeps its digits":           {`{"text":"","price":49.990}`, sample{Price: new(json.Number("49.990"))}},
		"an absent list is nil":               {`{"text":""}`, sample{}},
		"an empty list is not nil":            {`{"text":"","items":[]}`, sample{Items: []item{}}},
		"a list of objects":                   {`{"text":"","items":[{"name":"a"},{"name":"b"}]}`, sample{Items: []item{{"a"}, {"b"}}}},
		"an id in upper case is the same id":  {`{"text":"","id":"7B1C7F0E-7C7C-4F0E-9D7E-3F1B2A4C5D6E"}`, sample{ID: &id}},
		"a time with an offset becomes UTC":   {`{"text":"","at":"2031-03-15T11:00:00+01:00"}`, sample{At: new(time.Date(2031, 3, 15, 10, 0, 0, 0, time.UTC))}},
		"the largest whole number":            {`{"text":"","position":9223372036854775807}`, sample{Position: new(int64(9223372036854775807))}},
		"a negative whole number is no fault": {`{"text":"","whole":-1}`, sample{Whole: new(-1)}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := decode[sample](&call{body: []byte(test.body)})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("[", 30_000) + strings.Repeat("]", 30_000)
	for name, test := range map[string]struct {
		body string
		want string // "field code" of each problem; "malformed" for a body that is no JSON object
	}{
		"no body":                     {``, "malformed"},
		"only space":                  {"  ", "malformed"},
		"half an object":              {`{"text":"a"`, "malformed"},
		"two values":                  {`{"text":"a"}{"text":"b"}`, "malformed"},
		"something after the value":   {`{"text":"a"} x`, "malformed"},
		"a trailing comma":            {`{"text":"a",}`, "malformed"},
		"single quotes":               {`{'text':'a'}`, "malformed"},
		"a bare name":                 {`{text:"a"}`, "malformed"},
		"a comment":                   {`{"text":"a"/**/}`, "malformed"},
		"NaN":                         {`{"text":"a","price":NaN}`, "malformed"},
		"a leading zero":              {`{"text":"a","whole":01}`, "malformed"},
		"a raw line break in a text":  {"{\"text\":\"a\nb\"}", "malformed"},
		"a byte order mark":           {"\ufeff{\"text\":\"a\"}", "malformed"},
		"invalid UTF-8":               {"{\"text\":\"\xff\"}", "malformed"},
		"nesting beyond all reason":   {`{"text":` + deep + `}`, "malformed"},
		"a list":                      {`[]`, "malformed"},
		"a string":                    {`"text"`, "malformed"},
		"null":                        {`null`, "malformed"},
		"a number":                    {`1`, "malformed"},
		"a missing field":             {`{}`, "text required"},
		"an unknown field":            {`{"text":"a","userId":"x"}`, "userId unknown_field"},
		"a name in another case":      {`{"Text":"a"}`, "Text unknown_field; text required"},
		"an empty name":               {`{"text":"a","":1}`, " unknown_field"},
		"a field twice":               {`{"text":"a","text":"b"}`, "text duplicate_field"},
		"null for a needed field":     {`{"text":null}`, "text wrong_type"},
		"null for an optional field":  {`{"text":"a","whole":null}`, "whole wrong_type"},
		"a number for a text":         {`{"text":1}`, "text wrong_type"},
		"an object for a text":        {`{"text":{"text":"a"}}`, "text wrong_type"},
		"a text for a whole number":   {`{"text":"a","whole":"1"}`, "whole wrong_type"},
		"true for a whole number":     {`{"text":"a","whole":true}`, "whole wrong_type"},
		"a fraction":                  {`{"text":"a","whole":1.5}`, "whole wrong_type"},
		"an exponent":                 {`{"text":"a","whole":1e2}`, "whole wrong_type"},
		"a number over 64 bits":       {`{"text":"a","whole":9223372036854775808}`, "whole invalid"},
		"a quoted price":              {`{"text":"a","price":"49.99"}`, "price wrong_type"},
		"a number for an id":          {`{"text":"a","id":7}`, "id wrong_type"},
		"an id that is none":          {`{"text":"a","id":"7"}`, "id invalid"},
		"an id in braces":             {`{"text":"a","id":"{7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e}"}`, "id invalid"},
		"an id without dashes":        {`{"text":"a","id":"7b1c7f0e7c7c4f0e9d7e3f1b2a4c5d6e"}`, "id invalid"},
		"the nil id":                  {`{"text":"a","id":"00000000-0000-0000-0000-000000000000"}`, "id invalid"},
		"a date without a time":       {`{"text":"a","at":"2031-03-15"}`, "at invalid"},
		"an object for a list":        {`{"text":"a","items":{}}`, "items wrong_type"},
		"a text in a list of objects": {`{"text":"a","items":[{"name":"a"},"b"]}`, "items[1] wrong_type"},
		"a field inside a list":       {`{"text":"a","items":[{"name":1},{"x":2,"name":"b"}]}`, "items[0].name wrong_type; items[1].x unknown_field"},
		"NUL in a text":               {`{"text":"a\u0000b"}`, "text invalid"},
		"half a surrogate pair":       {`{"text":"a\ud800b"}`, "text invalid"},
		"everything at once":          {`{"whole":"x","id":"x","zzz":[[{}]]}`, "whole wrong_type; id invalid; zzz unknown_field; text required"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := decode[sample](&call{body: []byte(test.body)})
			if err == nil {
				t.Fatal("was taken")
			}
			var got []string
			for _, f := range invalidFields(err) {
				got = append(got, f.Field+" "+f.Code)
			}
			if errors.Is(err, errMalformedJSON) {
				got = append(got, "malformed")
			}
			if strings.Join(got, "; ") != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestDecodeTellsTheExpectedType(t *testing.T) {
	t.Parallel()
	_, err := decode[sample](&call{body: []byte(`{"text":"a","items":[{"name":7}]}`)})
	want := []FieldProblem{{Field: "items[0].name", Code: "wrong_type", Problem: "must be a string, not a number"}}
	if diff := cmp.Diff(want, invalidFields(err)); diff != "" {
		t.Error(diff)
	}
}

func TestDecodeKeepsItsAnswerShort(t *testing.T) {
	t.Parallel()
	var body strings.Builder
	body.WriteString(`{"text":"a"`)
	for range 1000 {
		body.WriteString(`,"` + strings.Repeat("é", 500) + `":1`)
	}
	body.WriteString(`}`)
	_, err := decode[sample](&call{body: []byte(body.String())})
	fields := invalidFields(err)
	if len(fields) != maxProblems {
		t.Errorf("%d problems told, want %d", len(fields), maxProblems)
	}
	for _, f := range fields {
		if len(f.Field) > 110 {
			t.Errorf("a name of %d bytes told", len(f.Field))
		}
	}
}

func TestDecodedTextOutlivesTheBody(t *testing.T) {
	t.Parallel()
	body := []byte(`{"text":"abc","price":12}`)
	got, err := decode[sample](&call{body: body})
	if err != nil {
		t.Fatal(err)
	}
	clear(body)
	if got.Text != "abc" || *got.Price != "12" {
		t.Errorf("got %q and %q after the body was overwritten", got.Text, *got.Price)
	}
}

func TestEveryRequestTypeCanBeDecoded(t *testing.T) {
	t.Parallel()
	for _, request := range []reflect.Type{
		reflect.TypeFor[Registration](), reflect.TypeFor[Credentials](), reflect.TypeFor[RefreshToken](),
		reflect.TypeFor[CreateEvent](), reflect.TypeFor[Seats](), reflect.TypeFor[noFields](),
	} {
		shapeOf(request) // panics for a type it cannot fill
	}
}

func BenchmarkDecodeSeats(b *testing.B) {
	c := &call{body: []byte(`{"eventId":"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e","sectionId":"0b9d6c1e-58a1-4d3a-8a52-1f6f2b7a9c3d","qty":2}`)}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := decode[Seats](c); err != nil {
			b.Fatal(err)
		}
	}
}
