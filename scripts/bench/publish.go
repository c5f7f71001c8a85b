package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// What publish writes, below the root of the sources. The report is the source of every number that is told elsewhere.
const (
	publishedReport = "docs/performance/report.json"
	publishedPlots  = "docs/performance"
)

// published says which parts of which pages are made from the report: what stands between <!-- bench:NAME --> and
// <!-- bench:end -->.
var published = map[string][]string{
	"README.md":           {"targets"},
	"docs/performance.md": {"table", "targets"},
}

// publish puts a report and its plots among the documents, and its numbers into the pages that quote them.
func publish(r *report, root string) error {
	if err := os.MkdirAll(filepath.Join(root, publishedPlots), 0o755); err != nil {
		return err
	}
	if err := r.write(filepath.Join(root, publishedReport)); err != nil {
		return err
	}
	if err := plot(r, filepath.Join(root, publishedPlots)); err != nil {
		return err
	}
	for page, parts := range published {
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
	caption := strings.Join(r.caption(), " ")
	if name == "table" {
		return caption + "\n\n" + markdown(r.table())
	}
	return caption + "\n\n" + markdown(verdictTable(r.Verdicts))
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
