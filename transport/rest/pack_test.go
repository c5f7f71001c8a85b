package rest_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/uuid"

	"onsale/query"
)

func TestALongAnswerToManyIsCompressedForWhomeverAsks(t *testing.T) {
	t.Parallel()
	f := &fakes{}
	f.viewedTo.Store(7)
	long := strings.Repeat("What it is about. ", 200)
	f.event = func(id uuid.UUID) (query.Event, error) {
		e := query.Event{ID: id, Title: "Gig", Currency: "EUR", Capacity: 1, Remaining: 1, Sections: []query.Section{{Name: "Floor"}}}
		if id == event {
			e.Description = long
		}
		return e, nil
	}
	api := newAPI(t, f)
	for name, test := range map[string]struct {
		accept     string
		id         uuid.UUID
		compressed bool
	}{
		"who reads gzip gets that":              {"gzip, deflate, br", event, true},
		"whatever the case":                     {"br,GZIP", event, true},
		"who does not say so gets it as it is":  {"", event, false},
		"who refuses it too":                    {"gzip;q=0, br", event, false},
		"what another coding is called is none": {"xgzip", event, false},
		"a short answer goes as it is":          {"gzip", uuid.New(), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for range 2 { // read, and from memory
				r := get("/events/" + test.id.String())
				if test.accept != "" {
					r = r.with("Accept-Encoding", test.accept)
				}
				w := send(t, api, r)
				h := w.Header()
				if w.Code != http.StatusOK || h.Get("Content-Length") != strconv.Itoa(w.Body.Len()) || (h.Get("Content-Encoding") == "gzip") != test.compressed {
					t.Fatalf("got %d, %v", w.Code, h)
				}
				if varies := slices.Contains(h.Values("Vary"), "Accept-Encoding"); varies != (test.id == event) {
					t.Errorf("Vary is %v", h.Values("Vary"))
				}
				if test.compressed && w.Body.Len() >= len(long)/10 {
					t.Errorf("%d bytes are not compressed", w.Body.Len())
				}
				if body := text(t, w); !strings.Contains(body, `"id":"`+test.id.String()+`"`) {
					t.Errorf("got %.200s", body)
				}
			}
		})
	}
}
