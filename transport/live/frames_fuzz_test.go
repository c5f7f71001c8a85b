package live

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
)

// What is understood of a frame is one of the three requests, within its bounds, and written again it is the same request.
func FuzzFrames(f *testing.F) {
	const id = `"7b1c7f0e-7c7c-4f0e-9d7e-3f1b2a4c5d6e"`
	for _, frame := range []string{
		`{"type":"auth","token":"t"}`, `{"type":"subscribe","events":[` + id + `]}`, `{"type":"unsubscribe","all":true}`,
		`{"type":"auth","token":"t","all":true}`, `{"type":"subscribe","all":true,"events":[]}`, `{"type":"subscribe","events":null}`,
		`{"type":"auth","token":"t"} {}`, `{"TYPE":"auth","token":"a","token":"b"}`, `null`, `[]`, `""`,
		`{"type":"subscribe","events":[` + strings.Repeat(id+",", 100) + id + `]}`, `{"type":"subscribe","events":["{7b1c7f0e7c7c4f0e9d7e3f1b2a4c5d6e}"]}`,
		`{"type":"auth","token":"\ud800ä👩‍👩‍👧"}`, `{"type":"auth","token":1e999}`, `{"type":"subscribe","all":1}`, `{"type":"subscribe","events":[1e999,null]}`, "\ufeff{}", "{\"type\":\"\xff\"}",
		`{"type":"subscribe","events":[` + id + `,` + id + `]}`, `{"type":"subscribe","events":[[` + id + `]]}`, strings.Repeat("[", 10_000), strings.Repeat(`{"type":`, 1000),
		`{"type":"auth","token":"`, `{"type":"sub`, `{`, ``, `{"type":"auth","token":"` + strings.Repeat("t", 10_000) + `"}`,
	} {
		f.Add([]byte(frame))
	}
	f.Fuzz(func(t *testing.T, frame []byte) {
		r, err := parse(frame)
		if err != nil {
			return
		}
		switch {
		case r.Type == "auth" && r.Token != "" && r.Events == nil && !r.All:
		case (r.Type == "subscribe" || r.Type == "unsubscribe") && r.Token == "" && r.All && len(r.Events) == 0:
		case (r.Type == "subscribe" || r.Type == "unsubscribe") && r.Token == "" && !r.All && len(r.Events) > 0 && len(r.Events) <= maxEvents &&
			!slices.Contains(r.Events, uuid.Nil):
		default:
			t.Errorf("%q was taken as %+v", frame, r)
		}
		written, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		again, err := parse(written)
		if len(r.Events) == 0 {
			r.Events = nil
		}
		if diff := cmp.Diff(r, again); err != nil || diff != "" {
			t.Errorf("%q was written as %s: %v (-first +again):\n%s", frame, written, err, diff)
		}
	})
}
