package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
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

// published copies all that is made of reports into a folder, and returns it.
func published(t *testing.T) string {
	t.Helper()
	root, from := t.TempDir(), filepath.Join("..", "..")
	for _, p := range publications {
		files := []string{p.report}
		for page := range p.pages {
			files = append(files, page)
		}
		for _, file := range files {
			text, err := os.ReadFile(filepath.Join(from, file))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.MkdirAll(filepath.Dir(filepath.Join(root, file)), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(root, file), text, 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	return root
}

// contents are those of all files below a folder.
func contents(t *testing.T, root string) map[string]string {
	t.Helper()
	all := make(map[string]string)
	err := filepath.WalkDir(root, func(file string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		text, err := os.ReadFile(file)
		all[file] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestAReportThatIsNotOfAWholeRunOverwritesNothing(t *testing.T) {
	root := published(t)
	before := contents(t, root)
	for name, c := range map[string]struct {
		overload bool
		spoil    func(*report)
		says     string
	}{
		"nothing":             {false, func(r *report) { *r = report{} }, `no row "Onsale, one hot event"`},
		"nothing of overload": {true, func(r *report) { *r = report{Settings: settings{Overload: true}} }, `no row "bookings in a log-in storm"`},
		"a row less":          {false, func(r *report) { r.Rows = r.Rows[:len(r.Rows)-1] }, `no row "hot event, 5 M events in the log"`},
		"the read's no-op less": {false, func(r *report) {
			r.Rows = slices.DeleteFunc(r.Rows, func(row result) bool { return row.Group == "read" && row.Name == rowNoop })
		}, `no row "no-op" of read`},
		"a row that failed":  {false, func(r *report) { r.find(groupWrite, rowHot).Error = "answered 500" }, `"Onsale, one hot event" failed: answered 500`},
		"a round less":       {false, func(r *report) { hot := r.find(groupWrite, rowHot); hot.Rounds = hot.Rounds[1:] }, `"Onsale, one hot event" was not measured in each of 3 rounds`},
		"a round of nothing": {false, func(r *report) { r.find(groupWrite, rowHot).Rounds[1] = measure{} }, `"Onsale, one hot event" was not measured in each`},
		"too few rounds":     {false, func(r *report) { r.Settings.Rounds = 1 }, "1 rounds, not 3"},
		"no machine":         {false, func(r *report) { r.Machine = machine{} }, "it does not say what was measured where and when"},
		"a target not measured": {true, func(r *report) {
			for _, m := range r.find(groupOverload, rowFlood).Rounds {
				delete(m.Values, ofRecovery)
			}
		}, "no number for the target of \"" + rowFlood + "\", " + ofRecovery},
	} {
		r, err := readReport(filepath.Join(root, publications[c.overload].report))
		if err != nil {
			t.Fatal(err)
		}
		c.spoil(r)
		if err := publish(r, root); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(before, contents(t, root)); diff != "" {
			t.Fatalf("%s: %s", name, diff)
		}
	}
}

func TestQuickIsNoWholeRun(t *testing.T) {
	r, err := readReport(filepath.Join("..", "..", publications[false].report))
	if err != nil {
		t.Fatal(err)
	}
	if err := r.whole(nil); err != nil {
		t.Errorf("the published one: %v", err)
	}
	quick := make(map[[2]string]bool)
	for _, row := range wholeRun(false) {
		quick[[2]string{row.group, row.name}] = row.quick
	}
	r.Rows = slices.DeleteFunc(r.Rows, func(row result) bool { return !quick[[2]string{row.Group, row.Name}] })
	if err := r.whole(nil); err == nil || len(r.Rows) == 0 {
		t.Errorf("%d rows of --quick are taken for all", len(r.Rows))
	}
}

func TestARowThatIsNewToTheProgramMayBeMissingUntilItIsPublished(t *testing.T) {
	r, err := readReport(filepath.Join("..", "..", publications[false].report))
	if err != nil {
		t.Fatal(err)
	}
	r.Rows = slices.DeleteFunc(r.Rows, func(row result) bool { return row.Name == rowZipf })
	if err := r.whole(func(row row) bool { return row.name != rowZipf }); err != nil {
		t.Error(err)
	}
	if err := r.whole(nil); err == nil {
		t.Error("where nothing is published, it is wanted too")
	}
}

func TestInAnotherFolderNothingIsWritten(t *testing.T) {
	for _, p := range publications {
		r, err := readReport(filepath.Join("..", "..", p.report))
		if err != nil {
			t.Fatal(err)
		}
		root := t.TempDir()
		if err := publish(r, root); err == nil || !strings.Contains(err.Error(), "is this the folder of the repository?") {
			t.Error(err)
		}
		if left := contents(t, root); len(left) > 0 {
			t.Errorf("%d files were written", len(left))
		}
	}
}

func TestWhatIsPublishedAgainIsTheSame(t *testing.T) {
	root := published(t)
	for _, p := range publications {
		r, err := readReport(filepath.Join(root, p.report))
		if err != nil {
			t.Fatal(err)
		}
		before := contents(t, root)
		if err := publish(r, root); err != nil {
			t.Fatal(err)
		}
		after := contents(t, root)
		for file, text := range before {
			if after[file] != text {
				t.Errorf("%s is another", file)
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
