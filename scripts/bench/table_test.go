package main

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

func TestNumbersHaveThreeDigitsThatCount(t *testing.T) {
	for v, want := range map[float64]string{
		0: "0", 0.0667: "0.0667", 0.42: "0.42", 1: "1", 4.2: "4.2", 17.25: "17.2", 123.4: "123", 999.7: "1,000", 1000: "1,000", 1234567: "1,234,567",
	} {
		if got := number(v); got != want {
			t.Errorf("%g: %q, want %q", v, got, want)
		}
	}
}

func TestTheTableSaysWhatIsNoisyAndWhatWasMissed(t *testing.T) {
	hot := rounds("hot", 12_000, 10_000, 15_000)
	hot.Against = "slow"
	r := &report{
		Date: time.Date(2031, 3, 15, 10, 0, 0, 0, time.UTC), Version: "v1",
		Settings: settings{Clients: 256, Cell: 2 * time.Second, Warm: time.Second, Rounds: 3},
		Rows:     []result{rounds(rowNoop, 20_000, 20_000, 20_000), rounds("slow", 600, 500, 500), hot},
	}
	r.Verdicts = judge(r, []target{
		{row: "hot", against: "slow", of: ofRate, must: 16, aim: 25}, {row: "hot", against: rowNoop, of: ofRate, must: 0.7, aim: 0.8},
	})
	var out bytes.Buffer
	r.print(&out)
	told := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"256 clients, 3 rounds of 2s a cell after 1s of warm-up",
		"no-op 20,000 0.05 ms 1 0 % slow",
		"hot 12,000 0.0833 ms 0.6 20 42 % noisy",
		"hot ÷ slow 20 ≥ 16 ≥ 25 met, noisy",
		"hot ÷ no-op 0.6 ≥ 0.7 ≥ 0.8 missed, noisy",
		"spread: of what the row is judged by, or of the rate; over 25 % it is noisy",
	} {
		if !strings.Contains(told, want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
}

func TestTheSpreadIsOfWhatTheRowIsJudgedBy(t *testing.T) {
	steady := func(worse float64) measure {
		return measure{Rate: 500, P99: time.Second, Values: map[string]float64{ofWorse: worse}}
	}
	r := &report{Rows: []result{
		{Name: rowLogIns, Group: groupOverload, Rounds: []measure{steady(1), steady(1.5), steady(1.2)}},
		{Name: "steady", Group: groupOverload, Rounds: []measure{steady(1), steady(1.5), steady(1.2)}},
	}}
	for i, want := range []string{"42 % noisy", "0 %"} {
		if line := r.line(&r.Rows[i]); line[7] != want {
			t.Errorf("%q, want %s", line, want)
		}
	}
}

func TestColumnsStandUnderEachOther(t *testing.T) {
	var out bytes.Buffer
	printColumns(&out, [][]string{{"", "rate", "more"}, {"long name", "1", "left"}, nil, {"é", "10,000", ""}})
	want := "             rate  more\nlong name       1  left\n\né          10,000\n"
	if out.String() != want {
		t.Errorf("%q, want %q", &out, want)
	}
}
