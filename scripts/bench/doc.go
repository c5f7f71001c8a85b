// Bench measures Onsale against the ways that everybody books in plain SQL, on the machine it runs on.
//
//	make bench                               everything: minutes
//	make bench-quick                         the rows that say most: under a minute
//	make overload                            what a node has to bear: three minutes, below
//	go run ./scripts/bench --only 'hot'      the rows whose names have this in them
//	go run ./scripts/bench plot report.json docs/images    plots of a report that --json wrote
//
// It needs Go and PostgreSQL's programs and nothing that runs. It builds onsale, starts a private PostgreSQL with fsync on in a
// temporary folder, and measures, each as a process of its own:
//
//   - onsale serve as it comes, read models and live counts on, but for no rate limit and no simulated payment;
//   - baselines behind the same router, token check, JSON, log and metrics (package transport/rest): a no-op, SELECT … FOR
//     UPDATE as the textbook has it, and one statement that takes and writes, both by a pool of 16 connections;
//   - a load generator, the same for all: connections that send their next request when the last is answered;
//   - live viewers: WebSockets that watch an event, all in one process, which notes when which count came.
//
// What is read in a storm is read by all clients while 100,000 buyers come to a hot event in a minute, by the clock (an open loop); and
// once beside as many more who book whenever their last booking is answered, which is to share two cores rather than a storm.
//
// Where a row needs a long log, PostgreSQL fills it by itself with what Onsale would have recorded.
//
// A row is one thing measured. The rows of a group are measured one after the other, a cell each, in rounds, so that what
// changes on the machine meanwhile meets them all alike. Ratios are of cells of the same round, and what is shown is the median
// of the rounds. Each cell begins with a warm-up that does not count, has events of its own, and every buyer comes once with a
// token of their own. Only the servers of the cell run: the others of the group are stopped (SIGSTOP), not even polling, and go
// on when it is their turn. After a cell of a node its read tables catch up before the next begins.
//
// The rows of overload are by themselves (--overload), for they load by the clock, an open loop: a request is sent when it is due,
// whatever became of those before, and its time is from when it was due. One floods a hot event with four times the peak that was
// measured right before, with node and PostgreSQL on one core and the generator on the others (sched_setaffinity), and with the
// payment of a second that a node comes with; once more without. The others book steadily, first alone and then beside people who log in, do
// not read, say nothing, say it very slowly, or search for too much: with all cores for everybody, and without rate limits.
//
// Every answer is checked. A row that is answered otherwise than expected has failed: the first such answer is shown, and the
// exit code is 1. It is 0 whatever was measured, targets met or missed; 2 for wrong usage.
//
// The table goes to standard output, how the run gets on to standard error. You may not compare numbers of two machines, or of
// two runs on a busy one: compare ratios.
package main
