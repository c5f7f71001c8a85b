package rest

import (
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

var (
	quoted = regexp.MustCompile("`([^`]+)`")
	status = regexp.MustCompile(`\b[1-5]\d\d\b`)
	code   = regexp.MustCompile("`([a-z]+_[a-z_]+)`")
)

// A readmeRow is a line of README's table of calls.
type readmeRow struct {
	calls   []string            // "GET /events/{id}"
	queries map[string][]string // by call
	answer  string
}

func readmeRows(t *testing.T) (rows []readmeRow) {
	t.Helper()
	readme, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, table, found := strings.Cut(string(readme), "| call | answer |\n|---|---|\n")
	if !found {
		t.Fatal("README.md has no table of calls")
	}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.ReplaceAll(strings.TrimSpace(line), `\|`, "¦"), "|")
		if len(cells) != 4 {
			return rows
		}
		rows = append(rows, readRow(cells[1], cells[2]))
	}
	return rows
}

// readRow takes the calls of a first cell: "`GET /healthz` · `/readyz`" is two of them.
func readRow(calls, answer string) readmeRow {
	row, method := readmeRow{queries: map[string][]string{}, answer: answer}, ""
	for _, q := range quoted.FindAllStringSubmatch(calls, -1) {
		said := q[1]
		if verb, rest, two := strings.Cut(said, " "); two && strings.ToUpper(verb) == verb {
			method, said = verb, rest
		}
		if !strings.HasPrefix(said, "/") {
			continue
		}
		path, query, _ := strings.Cut(said, "?")
		call := method + " " + path
		row.calls = append(row.calls, call)
		for name := range strings.SplitSeq(query, "&") {
			if name, _, _ = strings.Cut(name, "="); name != "" {
				row.queries[call] = append(row.queries[call], name)
			}
		}
	}
	return row
}

func TestReadmeNamesEveryCallOfTheContract(t *testing.T) {
	t.Parallel()
	var told, documented []string
	for _, row := range readmeRows(t) {
		told = append(told, row.calls...)
	}
	for path, item := range loadContract(t).Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	slices.Sort(told)
	slices.Sort(documented)
	if diff := cmp.Diff(documented, slices.Compact(told)); diff != "" {
		t.Errorf("openapi.yaml (-) and README.md (+) differ:\n%s", diff)
	}
}

func TestReadmeSaysNothingThatTheContractDoesNot(t *testing.T) {
	t.Parallel()
	doc := loadContract(t)
	codes := doc.Components.Schemas["Problem"].Value.Properties["code"].Value.Enum
	for _, row := range readmeRows(t) {
		answers, parameters := map[string]bool{}, map[string]bool{}
		for _, call := range row.calls {
			method, path, _ := strings.Cut(call, " ")
			operation := doc.Paths.Find(path).GetOperation(method)
			if operation == nil {
				t.Errorf("%s: openapi.yaml has no such call", call)
				continue
			}
			learn(operation, answers, parameters)
			for _, name := range row.queries[call] {
				if !parameters[name] {
					t.Errorf("%s: there is no query parameter %s", call, name)
				}
			}
		}
		for _, said := range status.FindAllString(row.answer, -1) {
			if !answers[said] {
				t.Errorf("%s: %s is no answer to it", row.calls, said)
			}
		}
		for _, said := range code.FindAllStringSubmatch(row.answer, -1) {
			if !slices.Contains(codes, any(said[1])) {
				t.Errorf("%s: there is no code %s", row.calls, said[1])
			}
		}
	}
}

func learn(operation *openapi3.Operation, answers, parameters map[string]bool) {
	for said := range operation.Responses.Map() {
		answers[said] = true
	}
	for _, p := range operation.Parameters {
		parameters[p.Value.Name] = true
	}
}
