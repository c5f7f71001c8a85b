// Bench measures Onsale against the ways that everybody books in plain SQL, on the machine it runs on.
//
//	make bench                               everything: minutes
//	make bench-quick                         the rows that say most: under a minute
//	make overload                            what a node has to bear: three minutes, below
//	go run ./scripts/bench --only 'hot'      the rows whose names have this in them
//	bin/bench plot report.json plots         draws a report that --json wrote, into the folder plots
//	bin/bench publish report.json            makes the report of a whole run the one that the documents quote
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
// # The rows
//
//   - no-op: a booking is answered with a constant. It is the ceiling, and is measured beside those of writing and those of reading.
//   - one hot event: all clients book one event. 1,000 events evenly: any of them. Zipf: the demand for the n-th of them falls with n to
//     the power of 1.1.
//   - sold-out and already-booked refusals: all ask for an event whose one ticket is gone; buyers who have booked ask again.
//   - hold and confirm pairs: a seat is held and then confirmed, two requests that count as one.
//   - GET: a shop with 1,000 events is read at rest; in a storm, which is while 100,000 buyers come to a hot event in a minute, by the clock (an
//     open loop); and once beside as many clients more who book whenever their last booking is answered, which is to share two cores
//     rather than a storm.
//   - viewers of a hot sale: it is booked while so many watch it. Told are how old the newest count was that they knew, looked at every
//     10 ms, and the node's memory for each of them.
//   - one node, two nodes: the clients book one event of one node, or half of them of each of two nodes on one database.
//   - read tables behind a hot event: how many events the slowest of them was behind, and how long they took to catch up after.
//   - rebuild of all projections: read tables made anew from 300,000 events, by the command that does it.
//   - cold load: how much longer than that of a new event the first booking takes of a sale with 200,000 events that the node does not have
//     in memory, from its events and from a snapshot.
//   - events in the log: the hot event again, with so many events of others in the log beforehand (--log).
//
// # How
//
// Where a row needs a long log, PostgreSQL fills it by itself with what Onsale would have recorded.
//
// A row is one thing measured. The rows of a group are measured one after the other, a cell each, in rounds, so that what
// changes on the machine meanwhile meets them all alike. Ratios are of cells of the same round, and what is shown is the median
// of the rounds; what one of them could not measure is not shown. Each cell begins with a warm-up that does not count, has events of
// its own, and every buyer comes once with a token of their own. Only the servers of the cell run: the others of the group are stopped (SIGSTOP), not even polling, and go
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
