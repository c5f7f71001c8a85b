package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path"
	"slices"
	"strings"
	"testing"
)

// helpers says which of our packages each part may import that only helps to build, test and measure. The others stand in the README.
// A part is a folder with everything below it that is not a part of its own. Imports within a part are free.
var helpers = map[string][]string{
	"cmd/internal":              {},
	"eventstore/eventstoretest": {"eventstore"},
	"migrations/migrationstest": {"migrations"},
	"command/metricstest":       {},
	"scripts":                   {"scripts/internal"},
	"scripts/internal":          {},
	"scripts/bench":             {"transport/ballast", "transport/rest", "command", "command/sale", "command/identity", "scripts/internal"}, // its baselines stand behind the same HTTP
}

// readArrows returns what the README's table of folders says, and what of helpers is known.
func readArrows() (map[string][]string, error) {
	page, err := os.ReadFile("../../README.md")
	if err != nil {
		return nil, err
	}
	_, table, found := strings.Cut(string(page), "who may import whom (a test holds it):\n\n```\n")
	if !found {
		return nil, errors.New("the README has no table of who may import whom")
	}
	table, _, _ = strings.Cut(table, "```")
	return parseArrows(table)
}

// parseArrows reads rows such as "transport/live  counts over WebSocket → query, identity", where folders are named by their last part.
func parseArrows(table string) (map[string][]string, error) {
	arrows := maps.Clone(helpers)
	parts, rows := map[string]string{}, map[string]string{}
	for line := range strings.Lines(table) {
		if i := strings.LastIndex(line, "→"); i >= 0 {
			part := strings.Fields(line)[0]
			parts[path.Base(part)], rows[part] = part, strings.TrimSpace(strings.TrimPrefix(line[i:], "→"))
		}
	}
	for part, row := range rows {
		switch row {
		case "nothing":
			arrows[part] = nil
		case "everything":
			arrows[part] = append(slices.Collect(maps.Keys(rows)), "cmd/internal")
		default:
			for name := range strings.SplitSeq(row, ", ") {
				if parts[name] == "" {
					return nil, fmt.Errorf("%s may import %s, which has no row", part, name)
				}
				arrows[part] = append(arrows[part], parts[name])
			}
		}
	}
	return arrows, nil
}

// sale, identity and query know no database schema but their own, and the sale knows no I/O at all.
var forbidden = map[string][]string{
	"command/sale": {"github.com/jackc", "net", "net/http", "os", "database/sql", "log/slog", "context"},
}

type listedPackage struct {
	ImportPath string
	Imports    []string
}

func TestImportsRunOneWay(t *testing.T) {
	packages, err := listPackages()
	if err != nil {
		t.Fatal(err)
	}
	if len(packages) < 12 {
		t.Fatalf("only %d packages were listed", len(packages))
	}
	arrows, err := readArrows()
	if err != nil {
		t.Fatal(err)
	}
	for part := range arrows {
		if !slices.ContainsFunc(packages, func(p listedPackage) bool { return partOf(arrows, p.ImportPath) == part }) {
			t.Errorf("there is no %s", part)
		}
	}
	for _, wrong := range wrongWay(arrows, packages) {
		t.Error(wrong)
	}
}

func TestTheProgramBringsItsTimeZonesAlong(t *testing.T) {
	packages, err := listPackages()
	if err != nil {
		t.Fatal(err)
	}
	program := slices.IndexFunc(packages, func(p listedPackage) bool { return p.ImportPath == "onsale/cmd/onsale" })
	if program < 0 || !slices.Contains(packages[program].Imports, "time/tzdata") {
		t.Error("on a machine without a time zone database, no event could have a time zone")
	}
}

// The negative control of TestImportsRunOneWay.
func TestAnImportThatRunsTheWrongWayIsFound(t *testing.T) {
	arrows, err := readArrows()
	if err != nil {
		t.Fatal(err)
	}
	for _, wrong := range []listedPackage{
		{"onsale/command/sale", []string{"onsale/eventstore"}},
		{"onsale/command/sale", []string{"os"}},
		{"onsale/query", []string{"onsale/command"}},
		{"onsale/eventstore", []string{"onsale/eventstore/eventstoretest"}},
		{"onsale/transport/rest", []string{"onsale/eventstore"}},
		{"onsale/projections", []string{"onsale/transport/live"}},
		{"onsale/command/gate", []string{"onsale/command"}},
		{"onsale/transport/live", []string{"onsale/command/gate"}},
		{"onsale/cmd/internal/config", []string{"onsale/query"}},
		{"onsale/elsewhere", nil},
	} {
		if len(wrongWay(arrows, []listedPackage{wrong})) == 0 {
			t.Errorf("%v was let through", wrong)
		}
	}
}

func TestATableThatNamesWhatItHasNoRowForIsRefused(t *testing.T) {
	if arrows, err := parseArrows("query  views → nothing\nweb  pages → query, views\n"); err == nil {
		t.Errorf("it was read as %v", arrows)
	}
}

func wrongWay(arrows map[string][]string, packages []listedPackage) (wrong []string) {
	for _, p := range packages {
		from := partOf(arrows, p.ImportPath)
		allowed, known := arrows[from]
		if !known {
			wrong = append(wrong, p.ImportPath+" belongs to no part: give it arrows")
		}
		for _, imported := range p.Imports {
			to := partOf(arrows, imported)
			ours := strings.HasPrefix(imported, "onsale/")
			if ours && to != from && !slices.Contains(allowed, to) || slices.ContainsFunc(forbidden[from], func(f string) bool {
				return imported == f || strings.HasPrefix(imported, f+"/")
			}) {
				wrong = append(wrong, fmt.Sprintf("%s must not import %s", p.ImportPath, imported))
			}
		}
	}
	return wrong
}

// partOf is the longest part that the package is in.
func partOf(arrows map[string][]string, importPath string) string {
	for part, below := strings.CutPrefix(importPath, "onsale/"); below && part != ""; part = part[:max(0, strings.LastIndex(part, "/"))] {
		if _, known := arrows[part]; known {
			return part
		}
	}
	return ""
}

// listPackages lists what the packages import, their tests aside: those may use the *test packages.
func listPackages() ([]listedPackage, error) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "onsale/...").Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	var packages []listedPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listedPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			return packages, nil
		}
		if err != nil {
			return nil, err
		}
		packages = append(packages, p)
	}
}
