package main

// Names of groups, of rows, and of values, that targets and plots look for.
const (
	groupWrite    = "write"
	groupSize     = "log size"
	groupOverload = "overload"

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

	rowFlood       = "4 × the peak offered, servers on one core"
	rowFreeFlood   = "4 × the peak offered, servers on one core, no payment"
	rowLogIns      = "bookings in a log-in storm"
	rowSlowViewers = "bookings beside 5,000 slow viewers"
	rowLoris       = "bookings beside a slow-loris"
	rowIdle        = "bookings beside 10,000 idle connections"
	rowSearches    = "bookings beside huge searches"

	ofGoodput      = "× the peak sold"
	ofRefusal      = "ms in the node for 99 % of refusals at most"
	ofFloodMemory  = "MB at most"
	ofRecovery     = "ms until as before"
	ofWorse        = "× p99 alone, or 5 ms"
	ofNewestCount  = "newest count p99 ms"
	ofViewerMemory = "KB/viewer"
	ofColdLoad     = "first booking ms"
)
