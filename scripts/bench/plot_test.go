package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// texts are those of a picture, which is to be well-formed.
func texts(t *testing.T, svg []byte) (all []string) {
	t.Helper()
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for inText := false; ; {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%v in\n%s", err, svg)
		}
		switch token := token.(type) {
		case xml.StartElement:
			inText = token.Name.Local == "text"
		case xml.EndElement:
			inText = false
		case xml.CharData:
			if inText {
				all = append(all, string(token))
			}
		}
	}
}

func measured(group, name string, rate float64, p99 time.Duration) result {
	return result{Group: group, Name: name, Rounds: []measure{{Rate: rate, P50: p99 / 2, P99: p99}}}
}

func TestThePlotsSayWhatWasMeasuredWhenAndWhere(t *testing.T) {
	r := &report{
		Date: time.Date(2030, 3, 15, 20, 0, 0, 0, time.UTC), Version: "v1.2.3", Machine: machine{Cores: 2, CPU: "Abacus <II> & Co"},
		Settings: settings{Clients: 256, Rounds: 3, Cell: 2 * time.Second},
		Rows: []result{
			measured(groupWrite, rowNoop, 20000, time.Millisecond), measured(groupWrite, rowForUpdateHot, 500, 900*time.Millisecond),
			measured(groupWrite, rowHot, 10000, 60*time.Millisecond), {Group: groupWrite, Name: rowPairs, Error: "answered 500"},
			measured(groupSize, rowEmptyLog, 9000, time.Second), measured(groupSize, rowFullLog, 8765, time.Second),
		},
	}
	dir := filepath.Join(t.TempDir(), "new")
	if err := plot(r, dir); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string][]string{
		"rates.svg":    {rowNoop, "20,000", rowForUpdateHot, "500", rowHot, "10,000"},
		"latency.svg":  {"p50", "p99", rowForUpdateHot, "450 ms", "900 ms", rowHot, "30 ms", "60 ms"},
		"log-size.svg": {rowEmptyLog, "9,000", rowFullLog, "8,765"},
	} {
		svg, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil {
			t.Fatal(err)
		}
		found := strings.Join(texts(t, svg), "|")
		for _, text := range append(want, "2030-03-15", "v1.2.3", "2 × Abacus <II> & Co", "256 clients") {
			if !strings.Contains(found, text) {
				t.Errorf("%s does not say %q: %s", file, text, found)
			}
		}
		if strings.Contains(found, rowPairs) {
			t.Errorf("%s shows a row that failed: %s", file, found)
		}
		if !bytes.Contains(svg, []byte("prefers-color-scheme: dark")) {
			t.Errorf("%s has no colours for the dark", file)
		}
	}
}

func TestBarsAreAsLongAsTheirNumbers(t *testing.T) {
	var b bytes.Buffer
	c := chart{title: "t", series: []string{"rate"}, lines: []chartLine{
		{"whole", false, []float64{200}, []string{"200"}}, {"half", true, []float64{100}, []string{"100"}},
	}}
	if err := c.write(&b); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`width="390.0"`, `width="195.0"`} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("no bar of %s in\n%s", want, &b)
		}
	}
}

func TestAReportWithoutWhatIsDrawnHasNoPlots(t *testing.T) {
	if err := plot(&report{Rows: []result{measured("read", rowEventsRest, 1, 1)}}, t.TempDir()); err == nil {
		t.Error("it was drawn")
	}
}
