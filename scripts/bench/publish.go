package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// A publication is what is made of a report in the documents: every number that is told there.
type publication struct {
	report string // the file that the report becomes
	plots  string // the folder of its plots; empty: there are none
	// pages says which parts of which pages are made from it: what stands between <!-- bench:NAME --> and <!-- bench:end -->.
	pages map[string][]string
}

var publications = map[bool]publication{ // by whether it is of overload
	false: {"docs/performance/report.json", "docs/performance", map[string][]string{
		"README.md": {"ratios"}, "docs/performance.md": {"table", "targets"},
	}},
	true: {"docs/performance/overload.json", "", map[string][]string{"docs/performance.md": {"overload", "overload-targets"}}},
}

// publish puts a report and its plots among the documents below root, and its numbers, judged by the targets as they are now, into
// the pages that quote them. Nothing is written when the report is not of a whole run, or a page is not there.
func publish(r *report, root string) error {
	p := publications[r.Settings.Overload]
	r.Verdicts = judge(r, targets)
	if err := r.whole(publishedRows(filepath.Join(root, p.report))); err != nil {
		return fmt.Errorf("this is not published: %w", err)
	}
	files, err := p.files(r, root)
	if err != nil {
		return fmt.Errorf("nothing is published: %w", err)
	}
	return writeFiles(files)
}

// writeFiles writes files by their names, and the folders they are in.
func writeFiles(files map[string][]byte) error {
	for _, file := range slices.Sorted(maps.Keys(files)) {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(file, files[file], 0o644); err != nil {
			return err
		}
	}
	return nil
}

// publishedRows tells which rows the report in the file has: nil if there is none that could be read.
func publishedRows(file string) func(row) bool {
	today, err := readReport(file)
	if err != nil || len(today.Rows) == 0 {
		return nil
	}
	return func(one row) bool { return today.has(one) }
}

func (r *report) has(one row) bool {
	found := r.find(one.group, one.name)
	return found != nil && found.Group == one.group
}

// publishedRounds is how many rounds there must be for a median to be published.
const publishedRounds = 3

// whole tells in its error what a report lacks to be published: where it was measured, rounds, and the rows that this program has and
// that are published now; all rows, where that is nil.
func (r *report) whole(published func(row) bool) error {
	var lacks []string
	if r.Version == "" || r.Machine.Cores == 0 || r.Machine.PostgreSQL == "" || r.Date.IsZero() {
		lacks = append(lacks, "it does not say what was measured where and when")
	}
	if r.Settings.Rounds < publishedRounds {
		lacks = append(lacks, fmt.Sprintf("it has %d rounds, not %d", r.Settings.Rounds, publishedRounds))
	}
	missing := make(map[string]bool)
	for _, row := range wholeRun(r.Settings.Overload) {
		switch {
		case r.has(row):
			lacks = append(lacks, r.find(row.group, row.name).lacks(r.Settings.Rounds)...)
		case published == nil || published(row):
			missing[row.name] = true
			lacks = append(lacks, fmt.Sprintf("it has no row %q of %s", row.name, row.group))
		}
	}
	for _, v := range r.Verdicts {
		if v.Verdict == notMeasured && r.find("", v.Row) != nil && !missing[v.Row] && !missing[v.Against] {
			lacks = append(lacks, fmt.Sprintf("there is no number for the target of %q, %s", v.Row, v.Of))
		}
	}
	if len(lacks) > 0 {
		return errors.New(strings.Join(lacks, "; "))
	}
	return nil
}

// lacks tells what a row lacks to be published.
func (r *result) lacks(rounds int) (lacks []string) {
	if r.Error != "" {
		lacks = append(lacks, fmt.Sprintf("%q failed: %s", r.Name, r.Error))
	}
	if len(r.Rounds) != rounds || slices.ContainsFunc(r.Rounds, func(m measure) bool { return m.Rate == 0 && len(m.Values) == 0 }) {
		lacks = append(lacks, fmt.Sprintf("%q was not measured in each of %d rounds", r.Name, rounds))
	}
	return lacks
}

// wholeRun is the rows of a run that nothing was left out of.
func wholeRun(overload bool) []row {
	o, err := parse([]string{fmt.Sprintf("--overload=%t", overload)}, io.Discard)
	if err != nil {
		panic(err) // it is ours
	}
	return o.choose(allRows(o.settings))
}

// files are the contents of all that is made of a report, by their names below root.
func (p publication) files(r *report, root string) (map[string][]byte, error) {
	text, err := r.text()
	if err != nil {
		return nil, err
	}
	files := map[string][]byte{filepath.Join(root, p.report): text}
	if p.plots != "" {
		pictures, err := r.draw(filepath.Join(root, p.plots))
		if err != nil {
			return nil, err
		}
		maps.Copy(files, pictures)
	}
	for page, parts := range p.pages {
		before, err := os.ReadFile(filepath.Join(root, page))
		if err != nil {
			return nil, fmt.Errorf("%w: is this the folder of the repository?", err)
		}
		after, err := r.fillIn(string(before), parts)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", page, err)
		}
		files[filepath.Join(root, page)] = []byte(after)
	}
	return files, nil
}

// fillIn replaces the named parts of a page.
func (r *report) fillIn(page string, parts []string) (string, error) {
	for _, part := range parts {
		begin, end := "<!-- bench:"+part+" -->\n", "<!-- bench:end -->"
		before, rest, found := strings.Cut(page, begin)
		_, after, closed := strings.Cut(rest, end)
		if !found || !closed {
			return "", fmt.Errorf("there is no %s … %s", strings.TrimSpace(begin), end)
		}
		page = before + begin + r.part(part) + end + after
	}
	return page, nil
}

func (r *report) part(name string) string {
	lines := r.table()
	switch name {
	case "ratios":
		lines = verdictTable(r.measured(func(v verdict) bool { return v.Against != "" }))
	case "targets", "overload-targets":
		lines = verdictTable(r.measured(func(verdict) bool { return true }))
	}
	return strings.Join(r.caption(), " ") + "\n\n" + markdown(lines)
}

// measured are the verdicts that were measured and are wanted.
func (r *report) measured(wanted func(verdict) bool) []verdict {
	return slices.DeleteFunc(slices.Clone(r.Verdicts), func(v verdict) bool { return v.Verdict == notMeasured || !wanted(v) })
}

// markdown makes a table of cells, the first line of which is its head. Empty lines are left out.
func markdown(lines [][]string) string {
	var b strings.Builder
	for i, line := range lines {
		if len(line) == 0 {
			continue
		}
		fmt.Fprintf(&b, "| %s |\n", strings.Join(line, " | "))
		if i == 0 {
			fmt.Fprintf(&b, "|---|%s\n", strings.Repeat("---:|", len(line)-2)+"---|")
		}
	}
	return b.String()
}
