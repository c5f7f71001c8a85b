package rest

import (
	"net/http"
	"time"

	"onsale/query"
)

// eventSales is for the organiser.
func (a *api) eventSales(c *call) error {
	p := c.params()
	filter := query.SalesFilter{
		From: p.time("from"), To: p.time("to"), Bucket: p.choice("bucket", "minute", "second", "hour", "day"),
	}
	if err := p.err(); err != nil {
		return err
	}
	event, err := a.organizedEvent(c)
	if err != nil {
		return err
	}
	filter.EventID = event.ID
	timeline, err := a.Queries.SalesTimeline(c.r.Context(), filter)
	if err != nil {
		return err
	}
	return c.json(http.StatusOK, timelineOf(timeline, filter.Bucket, event.Currency))
}

func timelineOf(t query.SalesTimeline, bucket, currency string) SalesTimeline {
	out := SalesTimeline{
		Data: make([]SalesBucket, 0, len(t.Buckets)),
		Meta: SalesMeta{
			Bucket: bucket, From: dateOf(t.From), To: dateOf(t.To), Currency: currency, SecondsUntil: dateOf(t.SecondsUntil),
			Totals: SalesTotals{
				Held: t.Total.Held, Booked: t.Total.Booked, Cancelled: t.Total.Cancelled, Revenue: money(t.Total.Revenue, currency),
			},
		},
	}
	for _, b := range t.Buckets {
		out.Data = append(out.Data, SalesBucket{
			At: b.At, Held: b.Held, Booked: b.Booked, Cancelled: b.Cancelled, Revenue: money(b.Revenue, currency),
		})
	}
	return out
}

// time reads a time; absent is the zero time. Years that a bucket could carry beyond what JSON can write are refused.
func (p *params) time(name string) time.Time {
	value, given := p.one(name)
	if !given {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, value)
	if t = t.UTC(); err != nil || t.Year() < 1970 || t.Year() > 9998 {
		p.add(name, codeInvalid, "must be a time from 1970 to 9998, such as 2031-01-15T12:00:00Z")
		return time.Time{}
	}
	return t
}
