// Race is the race test: many buyers ask a running server for the same few
// tickets at the same instant, and not one ticket too many may be sold.
//
//	go run ./scripts/race                    ten buyers, two tickets
//	go run ./scripts/race --scenario all     and the VIP scenarios too
//	go run ./scripts/race --users 200 --tickets 50
//
// It knows the server by its HTTP API alone. A run passes when
//
//   - as many bookings succeed as there are tickets for, and no more;
//   - every other buyer is told 409 sold_out or not_enough_tickets, and
//     nothing else happens to anybody: no 5xx, no 429, no time-out;
//   - the remaining count, watched all the while, never leaves the range
//     from zero to where it began;
//   - afterwards every acknowledged booking is in its buyer's GET /bookings,
//     no refused buyer has one, and remaining is what it was less what these
//     buyers hold, to the ticket.
//
// It cannot tell its own buyers from strangers: a run fails when somebody else
// books or cancels tickets of the same event meanwhile.
//
// The report goes to standard output; how the run gets on, and how long the
// race took, to standard error. The exit code is 0 for a pass, 1 for a failure
// or a run that reached no verdict, 2 for wrong usage.
package main
