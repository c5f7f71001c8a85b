package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestEveryPublishedNumberIsOfAReport(t *testing.T) {
	root := filepath.Join("..", "..")
	for _, p := range publications {
		r, err := readReport(filepath.Join(root, p.report))
		if err != nil {
			t.Fatal(err)
		}
		for page, parts := range p.pages {
			text, err := os.ReadFile(filepath.Join(root, page))
			if err != nil {
				t.Fatal(err)
			}
			want, err := r.fillIn(string(text), parts)
			if err != nil {
				t.Fatalf("%s: %v", page, err)
			}
			if string(text) != want {
				t.Errorf("%s says something else than %s: run bench publish %[2]s", page, p.report)
			}
		}
		if p.plots != "" {
			arePlotsOf(t, r, filepath.Join(root, p.plots))
		}
	}
}

// arePlotsOf checks that the plots in a folder are drawn from the report.
func arePlotsOf(t *testing.T, r *report, dir string) {
	t.Helper()
	drawn := t.TempDir()
	if err := plot(r, drawn); err != nil {
		t.Fatal(err)
	}
	pictures, err := filepath.Glob(filepath.Join(drawn, "*.svg"))
	if err != nil || len(pictures) == 0 {
		t.Fatal("nothing was drawn", err)
	}
	for _, picture := range pictures {
		want, err := os.ReadFile(picture)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join(dir, filepath.Base(picture)))
		if err != nil || string(got) != string(want) {
			t.Errorf("%s is not drawn from the report (%v)", filepath.Base(picture), err)
		}
	}
}

func TestOnlyWhatIsBetweenTheMarksIsReplaced(t *testing.T) {
	r := &report{Verdicts: []verdict{{Row: "some row", Of: ofRate, Number: 17, Must: 16, Aim: 25, Verdict: met}}}
	page := "before\n<!-- bench:targets -->\nold\n<!-- bench:end -->\nafter\n"
	got, err := r.fillIn(page, []string{"targets"})
	if err != nil || !strings.HasPrefix(got, "before\n<!-- bench:targets -->\n") || !strings.HasSuffix(got, "<!-- bench:end -->\nafter\n") ||
		strings.Contains(got, "old") || !strings.Contains(got, "| some row | 17 | ≥ 16 | ≥ 25 | met |") {
		t.Errorf("%v\n%s", err, got)
	}
	if again, err := r.fillIn(got, []string{"targets"}); err != nil || again != got {
		t.Errorf("a second time: %v\n%s", err, again)
	}
	if _, err := r.fillIn("no marks", []string{"targets"}); err == nil {
		t.Error("a page without marks is taken")
	}
}
