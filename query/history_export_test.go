package query

// What the tests of history need beside what is public.
const (
	HistorySQL = historySQL
	ReplaySQL  = replaySQL
	ReplayPage = replayPage
)
