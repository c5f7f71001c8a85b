package main

import (
	"fmt"
	"io"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// print writes the report as people read it: the table, a line of it for each row, and what became of the targets.
func (r *report) print(to io.Writer) {
	s := r.Settings
	fmt.Fprintf(to, "Onsale %s, %s\n%s\n", r.Version, r.Date.Format("2006-01-02 15:04 MST"), r.Machine)
	fmt.Fprintf(to, "%d clients, %d rounds of %s a cell after %s of warm-up; medians of the rounds\n", s.Clients, s.Rounds, s.Cell, s.Warm)
	fmt.Fprintf(to, "× no-op, × base: the rate as a multiple of the no-op's, and of its own baseline's, in the same round\n")
	fmt.Fprintf(to, "spread: of what the row is judged by, or of the rate; over %g %% it is noisy\n\n", 100*noisyFrom)
	printColumns(to, r.table())
	for _, row := range r.Rows {
		if row.Error != "" {
			fmt.Fprintf(to, "\n%s FAILED: %s\n", row.Name, row.Error)
		}
	}
	fmt.Fprintln(to)
	printColumns(to, verdictTable(r.Verdicts))
}

// table has a head, a line for each row, and an empty line between groups.
func (r *report) table() [][]string {
	lines := [][]string{{"", "rate/s", "p50", "p99", "max", "× no-op", "× base", "spread", ""}}
	group := ""
	for i := range r.Rows {
		row := &r.Rows[i]
		if row.Group != group && group != "" {
			lines = append(lines, nil)
		}
		group = row.Group
		lines = append(lines, r.line(row))
	}
	return lines
}

// line is one row of the table.
func (r *report) line(row *result) []string {
	m, noop := row.median(), ""
	if m.P99 > 0 { // else its rate is not of requests
		noop = multiple(ratio(row, r.find(row.Group, rowNoop), ofRate))
	}
	return []string{
		row.Name, rate(m.Rate), duration(m.P50), duration(m.P99), duration(m.Max),
		noop, multiple(ratio(row, r.find(row.Group, row.Against), ofRate)),
		spread(row, judgedBy(row.Name)), values(m.Values),
	}
}

// printColumns sets cells under each other: the first and the last column to the left, the others to the right.
func printColumns(to io.Writer, lines [][]string) {
	var widths []int
	for _, line := range lines {
		for i, cell := range line {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for _, line := range lines {
		var b strings.Builder
		for i, cell := range line {
			pad := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			switch {
			case i == 0:
				b.WriteString(cell + pad)
			case i == len(line)-1:
				b.WriteString("  " + cell)
			default:
				b.WriteString("  " + pad + cell)
			}
		}
		fmt.Fprintln(to, strings.TrimRight(b.String(), " "))
	}
}

// noisyMark stands where the rounds lie too far apart.
const noisyMark = "noisy"

func verdictTable(verdicts []verdict) [][]string {
	lines := [][]string{{"target", "measured", "must", "aim", ""}}
	for _, v := range verdicts {
		name, sign, verdict := v.Row, "≥ ", v.Verdict
		if v.Of != ofRate {
			name += ", " + v.Of
		}
		if v.Against != "" {
			name += " ÷ " + v.Against
		}
		if v.AtMost {
			sign = "≤ "
		}
		if v.Aimed {
			verdict += ", and the aim"
		}
		if v.Noisy {
			verdict += ", " + noisyMark
		}
		measured := ""
		if v.Verdict != notMeasured {
			measured = number(v.Number)
		}
		lines = append(lines, []string{name, measured, sign + number(v.Must), sign + number(v.Aim), verdict})
	}
	return lines
}

// What is zero was not measured, and is shown as nothing.

func rate(perSecond float64) string {
	if perSecond == 0 {
		return ""
	}
	return number(perSecond)
}

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return number(float64(d)/float64(time.Millisecond)) + " ms"
}

func multiple(ratio float64, known bool) string {
	if !known {
		return ""
	}
	return number(ratio)
}

func spread(row *result, of string) string {
	apart, known := row.spread(of)
	switch {
	case !known:
		return ""
	case math.IsInf(apart, 1):
		return noisyMark
	}
	text := strconv.Itoa(int(100*apart+0.5)) + " %"
	if row.noisy(of) {
		text += " " + noisyMark
	}
	return text
}

func values(v map[string]float64) string {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		all = append(all, number(v[name])+" "+name)
	}
	return strings.Join(all, ", ")
}

// number shows three digits that count, and large ones whole, in groups of three: 0.0667, 4.2, 1,234,567.
func number(v float64) string {
	if v < 999.5 {
		decimals := 0
		for limit := 100.0; decimals < 4 && v < limit && v != 0; limit /= 10 {
			decimals++
		}
		text := strconv.FormatFloat(v, 'f', decimals, 64)
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		return text
	}
	text := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(text) - 3; i > 0; i -= 3 {
		text = text[:i] + "," + text[i:]
	}
	return text
}
