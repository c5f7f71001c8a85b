package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestEveryTestThatAPageNamesExists(t *testing.T) {
	t.Parallel()
	for name, least := range map[string]int{"security.md": 40, "reliability.md": 20} {
		page, err := os.ReadFile(filepath.Join("../../docs", name))
		if err != nil {
			t.Fatal(err)
		}
		rows, wrong := checkPage("../..", string(page))
		if rows < least {
			t.Errorf("%s: only %d rows", name, rows)
		}
		for _, w := range wrong {
			t.Errorf("%s: %s", name, w)
		}
	}
}

// The negative control.
func TestAPageThatPromisesTooMuchIsFound(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]string{
		"no test":                          "| a threat | a defence: `transport/rest/cookie.go` | |",
		"no such test":                     "| a threat | a defence | `transport/rest` `TestNothingOfTheKind` |",
		"a test of another package":        "| a threat | a defence | `query` `TestTheRefreshCookie` |",
		"a test of no package":             "| a threat | a defence | `TestTheRefreshCookie` |",
		"half a name":                      "| a threat | a defence | `transport/rest` `TestTheRefresh` |",
		"no such package":                  "| a threat | a defence | `transport/grpc` `TestTheRefreshCookie` |",
		"no such file":                     "| a threat | a defence: `transport/rest/walls.go` | `transport/rest` `TestTheRefreshCookie` |",
		"no such test in a browser":        "| a threat | a defence | `web/e2e/session.spec.ts` `all is well` |",
		"a package, and nothing in it":     "| a threat | a defence | `transport/rest` |",
		"a column that is missing":         "| a threat | `transport/rest` `TestTheRefreshCookie` |",
		"a test that is no longer run":     "| a threat | a defence | `transport/rest` `TestMain` |",
		"a target of make that is missing": "| a promise | a defence | `make everything` |",
		"a fuzz target that is missing":    "| a threat | a defence | `query` `FuzzEverything` |",
	} {
		if _, wrong := checkPage("../..", "|---|---|---|\n"+row+"\n"); len(wrong) != 1 {
			t.Errorf("%s: %q", name, wrong)
		}
	}
}

var codeSpan = regexp.MustCompile("`([^`]+)`")

// checkPage goes through the tables of threats or promises, how they are met, and tests, and returns how many rows there are and what
// in them is not so.
func checkPage(root, page string) (rows int, wrong []string) {
	for line := range strings.Lines(page) {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|---") || strings.HasPrefix(line, "| threat ") || strings.HasPrefix(line, "| promise ") {
			continue
		}
		rows++
		if err := checkRow(root, strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")); err != nil {
			wrong = append(wrong, fmt.Sprintf("%.60s…: %v", line, err))
		}
	}
	return rows, wrong
}

func checkRow(root string, columns []string) error {
	if len(columns) != 3 {
		return fmt.Errorf("%d columns", len(columns))
	}
	for _, name := range spans(columns[1]) {
		if file := strings.Contains(name, "/") && filepath.Ext(name) != "" && !strings.Contains(name, " "); file {
			if _, err := os.Stat(filepath.Join(root, name)); err != nil {
				return err
			}
		}
	}
	var place string // a package's folder, or a file, that what follows is in
	found := 0
	for _, name := range spans(columns[2]) {
		if info, err := os.Stat(filepath.Join(root, name)); err == nil && (strings.Contains(name, "/") || info.IsDir()) {
			place = filepath.Join(root, name)
			continue
		}
		if err := isIn(root, place, name); err != nil {
			return err
		}
		found++
	}
	if found == 0 {
		return errors.New("no test")
	}
	return nil
}

func spans(text string) (all []string) {
	for _, found := range codeSpan.FindAllStringSubmatch(text, -1) {
		all = append(all, found[1])
	}
	return all
}

// isIn wants a target of make, a Go test or fuzz target in a package, or the words of a test in another file.
func isIn(root, place, name string) error {
	want := regexp.MustCompile(regexp.QuoteMeta(name))
	if target, made := strings.CutPrefix(name, "make "); made {
		place, want = filepath.Join(root, "Makefile"), regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(target)+`:`)
	}
	files := []string{place}
	if info, err := os.Stat(place); err != nil {
		return fmt.Errorf("%s is in %q: %w", name, place, err)
	} else if info.IsDir() {
		files, _ = filepath.Glob(filepath.Join(place, "*_test.go"))
		want = regexp.MustCompile(`(?m)^func ` + regexp.QuoteMeta(name) + `\(\w+ \*testing\.[TF]\)`)
	}
	if !slices.ContainsFunc(files, func(file string) bool {
		text, err := os.ReadFile(file)
		return err == nil && want.Match(text)
	}) {
		return fmt.Errorf("%s is not in %s", name, place)
	}
	return nil
}
