package rest

import (
	"encoding/json"
	"errors"
	"net/http"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

var hardBodies = []string{
	`{"text":"a","whole":3,"position":4,"price":49.90,"id":"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e","at":"2031-03-15T10:00:00Z","items":[{"name":"a"}]}`,
	`{"te\u0078t":"\ud800","x":{"y":[1,"}"]}}`, `{"text":"a",}`, `[]`, ` {} `, `{"text":"\\"}`, `{"text":"","price":-0.0e-0}`,
	`{"text":"","at":"9999-12-31T23:59:59-01:00"}`, `{"text":"","at":"0000-01-01T00:00:00+01:00"}`, `{"text":"","at":"2031-03-15t10:00:60z"}`,
	`{"email":"a@example.com","password":"correct horse 1","name":"A"}`, `{"refreshToken":"t"}`,
	`{"eventId":"7B1C7F0E-7C7C-4F0E-9D7E-3F1B2A4C5D6E","sectionId":"0b9d6c1e-58a1-4d3a-8a52-1f6f2b7a9c3d","qty":2}`,
	`{"title":" A ","totalTickets":100,"price":49.99,"date":"2031-03-15T11:00:00.123456789+01:00","timeZone":"Asia/Tokyo","currency":"JPY"}`,
	`{"title":"A","totalTickets":1,"price":1,"date":"9999-12-31T23:59:59-01:00"}`,
	`{"name":"A","sections":[{"name":"VIP","price":1500,"capacity":5,"remaining":0},{"name":"Floor","price":0,"capacity":95}]}`,
	// hostile
	`{"text":"a","text":"b"}`, `{"TEXT":"a"}`, `{"__proto__":{"text":"a"}}`, `{"text":{"text":{"text":[]}}}`, `null`, `"text"`, `{"":""}`, `{"text":true}{"text":"b"}`,
	strings.Repeat("[", 20_000), strings.Repeat(`{"items":[`, 1000), `{"items":[` + strings.Repeat(`{},`, 1000) + `{}]}`,
	// not of ASCII, or of no letters at all
	`{"text":"Größe 👩‍👩‍👧 \u202e","title":"\ud83c\udf9f"}`, `{"text":"\udc00\ud800"}`, "{\"text\":\"\xff\xc3\"}", "{\"text\":\"\xed\xa0\x80\"}", "\ufeff{}", "{\"text\":\"a\x00b\"}", `{"text":"\u0000"}`,
	// of numbers beyond all
	`{"qty":9223372036854775808}`, `{"qty":-9223372036854775809,"whole":1e3}`, `{"whole":1e999,"price":1e-999}`, `{"price":0.` + strings.Repeat("9", 1000) + `}`,
	`{"position":` + strings.Repeat("1", 1000) + `}`, `{"whole":-0,"position":00}`, `{"totalTickets":2147483648,"price":92233720368547758.08}`,
	// cut short
	`{`, `{"text`, `{"text":`, `{"text":"a`, `{"text":"\u12`, `{"price":1.`, `{"price":1e`, `{"items":[{"name":`, `{"whole":tru`, "",
}

// What decode takes, encoding/json takes too, and to the same value.
func FuzzDecode(f *testing.F) {
	for _, body := range hardBodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := decode[sample](&call{body: body})
		if err != nil {
			return
		}
		var want sample
		if err := json.Unmarshal(body, &want); err != nil {
			t.Fatalf("encoding/json refuses %q: %v", body, err)
		}
		if want.At != nil {
			want.At = new(want.At.UTC())
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q: -encoding/json +decode:\n%s", body, diff)
		}
	})
}

// Every body is either taken, and then it can be written again to mean the same, or refused with a problem that names what is
// wrong; in memory that goes with its size.
func FuzzBodies(f *testing.F) {
	for _, body := range hardBodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		worth := uint64(64<<10 + 64*len(body))
		if used := allocatedBy(func() { _, _ = decode[CreateEvent](&call{body: body}) }); used > worth {
			t.Errorf("%d bytes allocated for a body of %d, want at most %d", used, len(body), worth)
		}
		takenOrRefused[Registration](t, body)
		takenOrRefused[Credentials](t, body)
		takenOrRefused[RefreshToken](t, body)
		takenOrRefused[CreateEvent](t, body)
		takenOrRefused[Seats](t, body)
		takenOrRefused[noFields](t, body)
	})
}

func takenOrRefused[T any](t *testing.T, body []byte) {
	t.Helper()
	got, err := decode[T](&call{body: body})
	if err != nil {
		wantTold(t, err)
		return
	}
	written, err := json.Marshal(got)
	if err != nil {
		t.Fatalf("%q was taken as %+v, which cannot be written: %v", body, got, err)
	}
	again, err := decode[T](&call{body: written})
	if diff := cmp.Diff(got, again); err != nil || diff != "" {
		t.Errorf("%q was written as %s, which is %v (-first +again):\n%s", body, written, err, diff)
	}
	if e, ok := any(got).(CreateEvent); ok {
		if _, err := e.command(); err != nil {
			wantTold(t, err)
		}
	}
}

// wantTold wants an error that is the client's and says where.
func wantTold(t *testing.T, err error) {
	t.Helper()
	known, fields := answerTo(err), invalidFields(err)
	if known.status != http.StatusBadRequest && known.status != http.StatusUnprocessableEntity {
		t.Fatalf("answered with %d: %v", known.status, err)
	}
	if known.status == http.StatusUnprocessableEntity && len(fields) == 0 || len(fields) > maxProblems {
		t.Errorf("%d fields are named: %v", len(fields), err)
	}
	for _, field := range fields {
		if len(field.Field) > 140 || field.Code == "" || field.Problem == "" {
			t.Errorf("told of a field: %+v", field)
		}
	}
}

func allocatedBy(f func()) uint64 {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	f()
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc
}

// The cursor reads what is in an object or a list as encoding/json does, however deep it goes.
func FuzzCursor(f *testing.F) {
	for _, body := range hardBodies {
		f.Add([]byte(body))
	}
	f.Add([]byte("[ [ ] , {} , \"\\\\\\\"\" , -1e5 , true , null , \"\" ]"))
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) || !utf8.Valid(text) {
			return // decode has looked
		}
		in := cursor{data: text}
		value := in.next()
		in.space()
		if in.pos != len(text) {
			t.Fatalf("%q: the value ends at %d of %d", text, in.pos, len(text))
		}
		var want any
		if err := json.Unmarshal(text, &want); errors.As(err, new(*json.UnmarshalTypeError)) {
			return // a number beyond all
		}
		if got := walk(t, value); !reflect.DeepEqual(got, want) {
			t.Errorf("%q: read %v, want %v", text, got, want)
		}
	})
}

// walk builds with the cursor what encoding/json would.
func walk(t *testing.T, raw []byte) any {
	t.Helper()
	in := cursor{data: raw, pos: 1}
	switch raw[0] {
	case '{':
		object := map[string]any{}
		for in.more('}') {
			name := in.next()
			in.colon()
			object[unquote(name)] = walk(t, in.next())
		}
		return object
	case '[':
		list := []any{}
		for in.more(']') {
			list = append(list, walk(t, in.next()))
		}
		return list
	}
	var plain any
	if err := json.Unmarshal(raw, &plain); err != nil {
		t.Errorf("%q is no value: %v", raw, err)
	}
	return plain
}
