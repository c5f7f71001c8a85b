package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// arrows says which of our packages each part may import. A part is a folder with everything below it that is not a part
// of its own. Imports within a part are free.
var arrows = map[string][]string{
	"cmd":                       {"command", "command/sale", "command/identity", "query", "eventstore", "projections", "transport", "migrations", "web"},
	"transport":                 {"command", "command/sale", "command/identity", "query", "command/gate"},
	"command":                   {"command/sale", "command/identity", "eventstore"},
	"projections":               {"command/sale", "eventstore"},
	"eventstore/eventstoretest": {"eventstore"},
	"migrations/migrationstest": {"migrations"},
	"metricstest":               {},
	"command/sale":              {},
	"command/identity":          {"command/gate"},
	"command/gate":              {},
	"query":                     {},
	"eventstore":                {},
	"migrations":                {},
	"web":                       {},
	"scripts":                   {"scripts/internal"},
	"scripts/internal":          {},
	"scripts/bench":             {"transport", "command", "command/sale", "command/identity", "scripts/internal"}, // its baselines stand behind the same HTTP
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
	for _, wrong := range wrongWay(packages) {
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
	for _, wrong := range []listedPackage{
		{"onsale/command/sale", []string{"onsale/eventstore"}},
		{"onsale/command/sale", []string{"os"}},
		{"onsale/query", []string{"onsale/command"}},
		{"onsale/eventstore", []string{"onsale/eventstore/eventstoretest"}},
		{"onsale/transport/rest", []string{"onsale/eventstore"}},
		{"onsale/projections", []string{"onsale/transport/live"}},
		{"onsale/elsewhere", nil},
	} {
		if len(wrongWay([]listedPackage{wrong})) == 0 {
			t.Errorf("%v was let through", wrong)
		}
	}
}

func wrongWay(packages []listedPackage) (wrong []string) {
	for _, p := range packages {
		from := partOf(p.ImportPath)
		allowed, known := arrows[from]
		if !known {
			wrong = append(wrong, p.ImportPath+" belongs to no part: give it arrows")
		}
		for _, imported := range p.Imports {
			to := partOf(imported)
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
func partOf(importPath string) string {
	for path, below := strings.CutPrefix(importPath, "onsale/"); below && path != ""; path = path[:max(0, strings.LastIndex(path, "/"))] {
		if _, known := arrows[path]; known {
			return path
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
