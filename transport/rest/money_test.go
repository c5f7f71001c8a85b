package rest

import (
	"encoding/json"
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestMoney(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		minor    int64
		currency string
		want     Money
	}{
		"two decimals":                {4999, "USD", "49.99"},
		"whole amounts too":           {5000, "EUR", "50.00"},
		"less than one":               {5, "USD", "0.05"},
		"nothing":                     {0, "USD", "0.00"},
		"yen have no decimals":        {1500, "JPY", "1500"},
		"dinars have three":           {1, "KWD", "0.001"},
		"negative":                    {-5, "USD", "-0.05"},
		"more than a float can carry": {math.MaxInt64, "USD", "92233720368547758.07"},
		"the very least":              {math.MinInt64, "USD", "-92233720368547758.08"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := money(test.minor, test.currency); got != test.want {
				t.Errorf("got %s, want %s", got, test.want)
			}
		})
	}
}

func TestMinorUnits(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		number   Money
		currency string
		want     int64
		problem  string
	}{
		"exact where a float is not":      {"49.99", "USD", 4999, ""},
		"fewer decimals":                  {"49.9", "USD", 4990, ""},
		"none":                            {"49", "USD", 4900, ""},
		"zeros beyond the last decimal":   {"49.9900", "USD", 4999, ""},
		"free":                            {"0", "USD", 0, ""},
		"yen":                             {"1500", "JPY", 1500, ""},
		"yen with zeros":                  {"1500.00", "JPY", 1500, ""},
		"dinars":                          {"0.001", "KWD", 1, ""},
		"negative is the sale's to judge": {"-0.05", "USD", -5, ""},
		"a third decimal":                 {"0.001", "USD", 0, "must not have more than 2 decimals in USD"},
		"half a yen":                      {"0.5", "JPY", 0, "must not have more than 0 decimals in JPY"},
		"an exponent":                     {"1e2", "USD", 0, "must be written without an exponent"},
		"too large":                       {"92233720368547758.08", "USD", 0, "is out of range"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, problem := minorUnits(test.number, test.currency)
			if got != test.want && test.problem == "" || problem != test.problem {
				t.Errorf("got %d %q, want %d %q", got, problem, test.want, test.problem)
			}
		})
	}
}

func TestMoneySurvivesTheRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64().Draw(t, "minor")
		currency := rapid.SampledFrom([]string{"USD", "EUR", "JPY", "KWD", "CLF"}).Draw(t, "currency")
		number := money(minor, currency)
		if !json.Valid([]byte(number)) {
			t.Fatalf("%s is no JSON number", number)
		}
		if back, problem := minorUnits(number, currency); back != minor || problem != "" {
			t.Fatalf("%d became %s became %d (%s)", minor, number, back, problem)
		}
	})
}
