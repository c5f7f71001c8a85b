package main

import (
	"fmt"
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

// publish puts a report and its plots among the documents below root, and its numbers into the pages that quote them.
func publish(r *report, root string) error {
	p := publications[r.Settings.Overload]
	if err := os.MkdirAll(filepath.Join(root, filepath.Dir(p.report)), 0o755); err != nil {
		return err
	}
	if err := r.write(filepath.Join(root, p.report)); err != nil {
		return err
	}
	if p.plots != "" {
		if err := plot(r, filepath.Join(root, p.plots)); err != nil {
			return err
		}
	}
	for page, parts := range p.pages {
		file := filepath.Join(root, page)
		before, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		after, err := r.fillIn(string(before), parts)
		if err != nil {
			return fmt.Errorf("%s: %w", page, err)
		}
		if err := os.WriteFile(file, []byte(after), 0o644); err != nil {
			return err
		}
	}
	return nil
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
