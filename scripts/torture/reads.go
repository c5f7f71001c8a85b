package main

import (
	"fmt"
	"slices"
	"time"
)

// checkReads holds every read against its own promises, which are less than linearizability: it shows the sale as it was at
// its version, which is not before what its node had acknowledged when the read began, not before the Onsale-Position it
// sent, and not after anything that was asked for when it had ended.
func checkReads(e *event, calls []*call, log []record, l *ledger) (checked int, found []finding) {
	written := writes(calls, log)
	for _, c := range calls {
		if c.What != read {
			continue
		}
		a := c.Answer
		wrong := func(why string) { found = append(found, finding{"a read", e.index, why + ": " + c.String()}) }
		if a.Verdict == refused {
			wrong("nothing may refuse it")
		}
		if a.Verdict != acknowledged {
			continue
		}
		checked++
		if a.Version < 1 || a.Version > int64(len(l.free)) {
			wrong("the log has no such version")
			continue
		}
		if !slices.Equal(a.Sections, l.free[a.Version-1]) {
			wrong(fmt.Sprintf("%v left at a version at which there were %v", a.Sections, l.free[a.Version-1]))
		}
		if least := versionAt(log, c.After); a.Version < least {
			wrong(fmt.Sprintf("older than the position it sent, which has version %d", least))
		}
		for _, w := range written {
			if w.node == c.Node && w.returned < c.Called && w.version > a.Version {
				wrong(fmt.Sprintf("older than version %d, which this node had acknowledged", w.version))
				break
			}
			if w.called > c.Returned && w.version <= a.Version {
				wrong(fmt.Sprintf("it has version %d, which was asked for later", w.version))
				break
			}
		}
	}
	return checked, found
}

// An acknowledgement is an acknowledged call and the version of the last event it caused.
type acknowledgement struct {
	node             int
	called, returned time.Duration
	version          int64
}

func writes(calls []*call, log []record) []acknowledgement {
	version := make(map[string]int64)
	for i := range log {
		version[log[i].request] = max(version[log[i].request], log[i].version)
	}
	var all []acknowledgement
	for _, c := range calls {
		if v := version[c.Request]; v > 0 && c.Answer.Verdict == acknowledged {
			all = append(all, acknowledgement{c.Node, c.Called, c.Returned, v})
		}
	}
	return all
}

// versionAt is the sale's version at a position of the log.
func versionAt(log []record, position int64) int64 {
	version := int64(0)
	for i := range log {
		if log[i].position <= position {
			version = max(version, log[i].version)
		}
	}
	return version
}
