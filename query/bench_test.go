package query_test

import (
	"testing"

	"onsale/query"
)

func BenchmarkRead(b *testing.B) {
	tables := newTables(b)
	event, buyer, booking := tables.fill(5_000, 50_000)
	for name, read := range map[string]func() error{
		"event": func() error {
			_, err := tables.Event(b.Context(), event)
			return err
		},
		"events": func() error {
			_, err := tables.Events(b.Context(), query.EventFilter{Paging: all(1, 10)})
			return err
		},
		"events-search": func() error {
			_, err := tables.Events(b.Context(), query.EventFilter{Search: "event 49", Paging: all(1, 10)})
			return err
		},
		"booking": func() error {
			_, err := tables.Booking(b.Context(), booking)
			return err
		},
		"bookings-buyer": func() error {
			_, err := tables.Bookings(b.Context(), query.BookingFilter{BuyerID: buyer, Paging: all(1, 10)})
			return err
		},
		"bookings-event": func() error {
			_, err := tables.Bookings(b.Context(), query.BookingFilter{EventID: event, Paging: all(1, 50)})
			return err
		},
		"bookings-all": func() error {
			_, err := tables.Bookings(b.Context(), query.BookingFilter{Paging: all(1, 50)})
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
