package main

import (
	"testing"
	"time"
)

func TestDemoEventsStartOnAnHourOfTheirVenuesClocks(t *testing.T) {
	t.Parallel()
	zones, without := make(map[string]bool), 0
	for _, e := range demoEvents(time.Date(2031, 1, 15, 23, 30, 0, 0, time.UTC)) {
		zone, err := time.LoadLocation(e.TimeZone)
		if err != nil {
			t.Fatal(err)
		}
		if at := e.StartsAt.In(zone); at.Hour() < 8 || at.Hour() > 21 || at.Minute() != 0 {
			t.Errorf("%s starts at %s", e.Title, at)
		}
		if e.TimeZone == "" {
			without++
		}
		zones[e.TimeZone] = true
	}
	if len(zones) < 4 || without == 0 {
		t.Errorf("%d zones, %d events without one: too few to see how they look", len(zones), without)
	}
}
