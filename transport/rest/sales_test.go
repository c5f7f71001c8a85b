package rest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"onsale/query"
	"onsale/transport/rest"
)

var salesPath = "/events/" + event.String() + "/sales"

// organized is a request of the event's organiser.
func organized(path string) request { return request{path: path, token: "organizer"} }

func TestSalesAskFor(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]query.SalesFilter{
		salesPath:                    {EventID: event, Bucket: "minute"},
		salesPath + "?bucket=second": {EventID: event, Bucket: "second"},
		salesPath + "?from=2031-01-15T13:00:00%2B01:00&to=2031-01-16T12:00:00.5Z&bucket=day": {
			EventID: event, From: noon, To: noon.AddDate(0, 0, 1).Add(time.Second / 2), Bucket: "day"},
	} {
		var got query.SalesFilter
		f := &fakes{sales: func(filter query.SalesFilter) (query.SalesTimeline, error) {
			got = filter
			return query.SalesTimeline{}, nil
		}}
		w := send(t, newAPI(t, f), organized(path))
		if diff := cmp.Diff(want, got); diff != "" || w.Code != 200 {
			t.Errorf("%s: %d, -want +got:\n%s", path, w.Code, diff)
		}
	}
}

func TestTheAnswerToSales(t *testing.T) {
	t.Parallel()
	f := &fakes{sales: func(query.SalesFilter) (query.SalesTimeline, error) {
		return query.SalesTimeline{
			From: noon, To: noon.Add(8 * time.Minute), SecondsUntil: noon.Add(time.Hour),
			Buckets: []query.SalesBucket{
				{At: noon, Sales: query.Sales{Held: 3, Booked: 2, Revenue: 18000}},
				{At: noon.Add(7 * time.Minute), Sales: query.Sales{Cancelled: 2, Revenue: -18000}},
			},
			Total: query.Sales{Held: 3, Booked: 2, Cancelled: 2},
		}, nil
	}}
	got := decodeBody[rest.SalesTimeline](t, send(t, newAPI(t, f), organized(salesPath)))
	want := rest.SalesTimeline{
		Data: []rest.SalesBucket{
			{At: noon, Held: 3, Booked: 2, Revenue: "180.00"},
			{At: noon.Add(7 * time.Minute), Cancelled: 2, Revenue: "-180.00"},
		},
		Meta: rest.SalesMeta{
			Bucket: "minute", From: new(noon), To: new(noon.Add(8 * time.Minute)), Currency: "USD",
			SecondsUntil: new(noon.Add(time.Hour)), Totals: rest.SalesTotals{Held: 3, Booked: 2, Cancelled: 2, Revenue: "0.00"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestNoSalesAreAnEmptyList(t *testing.T) {
	t.Parallel()
	w := send(t, newAPI(t, &fakes{}), organized(salesPath))
	for _, part := range []string{`"data":[]`, `"from":null`, `"to":null`, `"secondsUntil":null`} {
		if !strings.Contains(w.Body.String(), part) {
			t.Errorf("no %s in %s", part, w.Body)
		}
	}
}

func TestSalesRefuse(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ query, fields string }{
		"a bucket there is none of":           {"?bucket=week", "bucket"},
		"a date without a time":               {"?from=2031-01-15", "from"},
		"a time without a zone":               {"?to=2031-01-15T12:00:00", "to"},
		"a zone whose + became a space":       {"?to=2031-01-15T12:00:00+01:00", "to"},
		"an empty time":                       {"?from=", "from"},
		"a time before computers":             {"?from=1969-12-31T23:59:59Z", "from"},
		"a time that no answer could tell":    {"?to=9999-12-31T23:59:59-12:00", "to"},
		"a time given twice":                  {"?to=2031-01-15T12:00:00Z&to=2031-01-15T12:00:00Z", "to"},
		"everything that is wrong, all named": {"?from=x&to=y&bucket=z", "from to bucket"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &fakes{sales: func(query.SalesFilter) (query.SalesTimeline, error) {
				t.Error("the sales were read all the same")
				return query.SalesTimeline{}, nil
			}}
			wantProblem(t, newAPI(t, f), organized(salesPath+test.query), 422, "invalid", strings.Fields(test.fields)...)
		})
	}
}

func TestWhatTheTimelineCannotTellIsTheClientsFault(t *testing.T) {
	t.Parallel()
	f := &fakes{sales: func(query.SalesFilter) (query.SalesTimeline, error) {
		return query.SalesTimeline{}, &query.FieldError{Field: "bucket", Problem: "must be longer"}
	}}
	p := wantProblem(t, newAPI(t, f), organized(salesPath), 422, "invalid", "bucket")
	if p.Errors[0].Problem != "must be longer" {
		t.Errorf("%+v", p.Errors)
	}
}

// organizersReads are the calls that only the organiser and admins may make.
var organizersReads = []string{
	salesPath, historyPath, "/events/" + event.String() + "?atVersion=1", "/events/" + event.String() + "/bookings",
}

func TestOnlyTheOrganiserAndAdminsSeeHowASaleWent(t *testing.T) {
	t.Parallel()
	for _, path := range organizersReads {
		for token, want := range map[string]int{"organizer": 200, "admin": 200, "user": 403, "": 401, "expired": 401} {
			if w := send(t, newAPI(t, &fakes{}), request{path: path, token: token}); w.Code != want {
				t.Errorf("%s for %q: %d, want %d", path, token, w.Code, want)
			}
		}
	}
}

func TestThereIsNoHistoryOfNothing(t *testing.T) {
	t.Parallel()
	none := &fakes{event: noEvent}
	broken := errors.New("connection lost")
	failing := &fakes{
		sales:   func(query.SalesFilter) (query.SalesTimeline, error) { return query.SalesTimeline{}, broken },
		history: func(query.HistoryFilter) ([]query.RecordedEvent, error) { return nil, broken },
		replay:  replayed(nil, broken),
	}
	for i, path := range organizersReads {
		wantProblem(t, newAPI(t, none), organized(path), 404, "event_not_found")
		wrongID := strings.Replace(path, event.String(), "1", 1)
		wantProblem(t, newAPI(t, &fakes{}), organized(wrongID), 400, "invalid_id", "id")
		if i < 3 {
			wantProblem(t, newAPI(t, failing), organized(path), 500, "internal")
		}
	}
}

func TestTheOrganisersReadsWaitForWhatTheClientKnows(t *testing.T) {
	t.Parallel()
	for _, path := range organizersReads {
		asked := int64(-1)
		f := &fakes{catchUp: noting(&asked)}
		w := send(t, newAPI(t, f), organized(path).with("Onsale-Position", "42"))
		if w.Code != 200 || asked != 42 {
			t.Errorf("%s: %d, waited for %d", path, w.Code, asked)
		}
	}
}

func TestHeadAnswersToo(t *testing.T) {
	t.Parallel()
	for _, path := range organizersReads {
		r := organized(path)
		r.method = "HEAD"
		if w := send(t, newAPI(t, &fakes{}), r); w.Code != 200 {
			t.Error(fmt.Sprint(path, ": ", w.Code))
		}
	}
}
