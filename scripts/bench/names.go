package main

// Names of groups, of rows, and of values, that targets and plots look for.
const (
	groupWrite = "write"
	groupSize  = "log size"

	rowNoop          = "no-op"
	rowForUpdateHot  = "FOR UPDATE, one hot event"
	rowForUpdateEven = "FOR UPDATE, 1,000 events evenly"
	rowStatement     = "one statement, one hot event"
	rowHot           = "Onsale, one hot event"
	rowEven          = "Onsale, 1,000 events evenly"
	rowZipf          = "Onsale, 1,000 events, Zipf"
	rowSoldOut       = "Onsale, sold-out refusals"
	rowAlreadyBooked = "Onsale, already-booked refusals"
	rowPairs         = "Onsale, hold and confirm pairs"

	rowEventsRest  = "GET /events, at rest"
	rowEventsStorm = "GET /events, in a storm"
	rowViewers     = "10,000 viewers of a hot sale"
	rowOneNode     = "one node, one hot event"
	rowTwoNodes    = "two nodes, one hot event"
	rowRebuild     = "rebuild of all projections"
	rowColdLoad    = "cold load, 200,000 events, snapshot"
	rowEmptyLog    = "hot event, nothing else in the log"
	rowFullLog     = "hot event, 5 M events in the log"

	ofNewestCount  = "newest count p99 ms"
	ofViewerMemory = "KB/viewer"
	ofColdLoad     = "first booking ms"
)
