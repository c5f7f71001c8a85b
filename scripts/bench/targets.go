package main

import "slices"

// target is what a row is to reach.
type target struct {
	row     string
	against string // the row whose value it is divided by, round by round; empty: the value itself counts
	of      string // ofRate, ofP99, or the name of one of the row's values
	atMost  bool   // the number is to be no more than that; otherwise no less
	must    float64
	aim     float64
}

// targets are for two cores, the load generator's share included.
var targets = []target{
	{row: rowHot, against: rowForUpdateHot, of: ofRate, must: 16, aim: 25},
	{row: rowHot, against: rowNoop, of: ofRate, must: 0.42, aim: 0.60},
	{row: rowEven, against: rowForUpdateEven, of: ofRate, must: 3.5, aim: 6},
	{row: rowSoldOut, against: rowNoop, of: ofRate, must: 0.80, aim: 0.90},
	{row: rowHot, against: rowForUpdateHot, of: ofP99, atMost: true, must: 1.0 / 9, aim: 1.0 / 15},
	{row: rowEventsRest, against: rowNoop, of: ofRate, must: 0.5, aim: 0.7},
	{row: rowEventsStorm, against: rowNoop, of: ofRate, must: 0.5, aim: 0.7},
	{row: rowViewers, of: ofNewestCount, atMost: true, must: 500, aim: 250},
	{row: rowViewers, of: ofViewerMemory, atMost: true, must: 35, aim: 20},
	{row: rowTwoNodes, against: rowOneNode, of: ofRate, must: 0.75, aim: 1},
	{row: rowRebuild, of: ofRate, must: 50_000, aim: 90_000},
	{row: rowColdLoad, of: ofColdLoad, atMost: true, must: 150, aim: 50},
	{row: rowFullLog, against: rowEmptyLog, of: ofRate, must: 0.90, aim: 0.97},
	// Of memory: 64 KB for each of 8,000 connections, which is buffers, a stack and the request with what the collector leaves, and
	// 256 MB for the sales and all else.
	{row: rowFlood, of: ofGoodput, must: 0.8, aim: 0.95},
	{row: rowFlood, of: ofRefusal, atMost: true, must: 100, aim: 25},
	{row: rowFlood, of: ofFloodMemory, atMost: true, must: 768, aim: 512},
	{row: rowFlood, of: ofRecovery, atMost: true, must: 2000, aim: 500},
	{row: rowLogIns, of: ofWorse, atMost: true, must: 2, aim: 1.5},
	{row: rowSlowViewers, of: ofWorse, atMost: true, must: 2, aim: 1.5},
	{row: rowLoris, of: ofWorse, atMost: true, must: 2, aim: 1.5},
	{row: rowIdle, of: ofWorse, atMost: true, must: 2, aim: 1.5},
	{row: rowSearches, of: ofWorse, atMost: true, must: 2, aim: 1.5},
}

// What became of a target.
const (
	met         = "met"
	missed      = "missed"
	notMeasured = "not measured"
)

// verdict is a target with the number that was measured.
type verdict struct {
	Row     string  `json:"row"`
	Against string  `json:"against,omitempty"`
	Of      string  `json:"of"`
	AtMost  bool    `json:"atMost,omitempty"`
	Number  float64 `json:"number,omitempty"`
	Must    float64 `json:"must"`
	Aim     float64 `json:"aim"`
	Verdict string  `json:"verdict"` // of the must
	Aimed   bool    `json:"aimed"`   // whether the aim was reached too
	Noisy   bool    `json:"noisy,omitempty"`
}

// judge compares a report with the targets, in their order.
func judge(r *report, targets []target) []verdict {
	var all []verdict
	for _, t := range targets {
		v := verdict{Row: t.row, Against: t.against, Of: t.of, AtMost: t.atMost, Must: t.must, Aim: t.aim, Verdict: notMeasured}
		number, measured := t.number(r)
		if measured {
			v.Number, v.Verdict, v.Aimed, v.Noisy = number, missed, t.reaches(number, t.aim), t.noisy(r)
			if t.reaches(number, t.must) {
				v.Verdict = met
			}
		}
		all = append(all, v)
	}
	return all
}

func (t target) reaches(number, mark float64) bool {
	if t.atMost {
		return number <= mark
	}
	return number >= mark
}

// rows are the two rows of the target, nil where the report has none, or one that failed.
func (t target) rows(r *report) (row, against *result) {
	if row = r.find("", t.row); row == nil || row.Error != "" {
		return nil, nil
	}
	if against = r.find(row.Group, t.against); against != nil && against.Error != "" {
		against = nil
	}
	return row, against
}

// number is what the report has for the target.
func (t target) number(r *report) (float64, bool) {
	row, against := t.rows(r)
	switch {
	case row == nil:
		return 0, false
	case t.against != "":
		return ratio(row, against, t.of)
	default:
		return row.median().value(t.of)
	}
}

// noisy tells whether one of the target's rows is, in what the target looks at or in what the row is told to be noisy by.
func (t target) noisy(r *report) bool {
	row, against := t.rows(r)
	return slices.ContainsFunc([]*result{row, against}, func(one *result) bool {
		return one != nil && (one.noisy(t.of) || one.noisy(judgedBy(one.Name)))
	})
}

// judgedBy is what the first target of a row looks at; the rate, where there is none.
func judgedBy(row string) string {
	if i := slices.IndexFunc(targets, func(t target) bool { return t.row == row }); i >= 0 {
		return targets[i].of
	}
	return ofRate
}
