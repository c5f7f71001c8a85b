package main

import (
	"io"
	"testing"
)

func TestATargetIsMetFromItsMarkOn(t *testing.T) {
	r := &report{Rows: []result{
		rounds("hot", 200, 160), rounds("slow", 10, 10), {Name: "live", Rounds: []measure{{Values: map[string]float64{"age ms": 300}}}},
	}}
	for name, c := range map[string]struct {
		target
		want  string
		aimed bool
	}{
		"more than the must, less than the aim":       {target{row: "hot", against: "slow", of: ofRate, must: 16, aim: 25}, met, false},
		"exactly both":                                {target{row: "hot", against: "slow", of: ofRate, must: 18, aim: 18}, met, true},
		"less than the must":                          {target{row: "hot", against: "slow", of: ofRate, must: 19, aim: 20}, missed, false},
		"at most, and less":                           {target{row: "live", of: "age ms", atMost: true, must: 500, aim: 250}, met, false},
		"at most, and more":                           {target{row: "live", of: "age ms", atMost: true, must: 299, aim: 250}, missed, false},
		"a row that was not asked for":                {target{row: "cold", of: ofRate, must: 1, aim: 1}, notMeasured, false},
		"a row to compare with that was not":          {target{row: "hot", against: "cold", of: ofRate, must: 1, aim: 1}, notMeasured, false},
		"a value that the row does not have":          {target{row: "hot", of: "age ms", atMost: true, must: 1, aim: 1}, notMeasured, false},
		"a value alone, the median of its two rounds": {target{row: "hot", of: ofRate, must: 180, aim: 181}, met, false},
	} {
		got := judge(r, []target{c.target})[0]
		if got.Verdict != c.want || got.Aimed != c.aimed {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAVerdictOnANoisyRowSaysSo(t *testing.T) {
	r := &report{Rows: []result{rounds("calm", 100, 110, 105), rounds("wild", 100, 200, 150), rounds("base", 10, 11, 10)}}
	for name, c := range map[string]struct {
		target
		want bool
	}{
		"neither":                {target{row: "calm", against: "base", of: ofRate}, false},
		"the row":                {target{row: "wild", against: "base", of: ofRate}, true},
		"its base":               {target{row: "calm", against: "wild", of: ofRate}, true},
		"the value alone":        {target{row: "wild", of: ofRate}, true},
		"a row that is not told": {target{row: "none", of: ofRate}, false},
	} {
		if got := judge(r, []target{c.target})[0]; got.Noisy != c.want {
			t.Errorf("%s: %+v", name, got)
		}
	}
	v := verdict{Row: "wild", Of: ofRate, Verdict: met, Aimed: true, Noisy: true}
	if line := verdictTable([]verdict{v})[1]; line[4] != "met, and the aim, noisy" {
		t.Errorf("%q", line)
	}
}

func TestARowThatFailedIsNotJudgedByTheRoundsBefore(t *testing.T) {
	r := &report{Rows: []result{rounds("hot", 200, 160), rounds("slow", 10, 10)}}
	hot := target{row: "hot", against: "slow", of: ofRate, must: 1, aim: 1}
	for i := range r.Rows {
		r.Rows[i].Error = "answered 500"
		if got := judge(r, []target{hot})[0]; got.Verdict != notMeasured {
			t.Errorf("%s failed: %+v", r.Rows[i].Name, got)
		}
		r.Rows[i].Error = ""
	}
	if got := judge(r, []target{hot})[0]; got.Verdict != met {
		t.Errorf("neither failed: %+v", got)
	}
}

func TestEveryTargetNamesRowsThereAre(t *testing.T) {
	o, err := parse(nil, io.Discard)
	if err != nil {
		t.Fatal(err)
	}
	names := make(map[string]bool)
	for _, r := range allRows(o.settings) {
		names[r.name] = true
	}
	for _, target := range targets {
		for _, name := range []string{target.row, target.against} {
			if name != "" && !names[name] {
				t.Errorf("there is no row %q", name)
			}
		}
	}
	for _, r := range allRows(o.settings) {
		if r.against != "" && !names[r.against] {
			t.Errorf("%s is compared with %q, which there is not", r.name, r.against)
		}
	}
}
