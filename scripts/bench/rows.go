package main

import "slices"

// allRows is the whole table, in its order.
func allRows(s settings) []row {
	return slices.Concat(writeRows(), readRows(), liveRows(), nodesRows(), logRows(), coldRows(), sizeRows(s.Log), overloadRows())
}
