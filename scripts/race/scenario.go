package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// Most buyers of one run: each keeps a connection open, and an access token
// must outlive the registration of all of them.
const maxUsers = 1000

// Most tickets that one booking may have, by the rules of the sale.
const maxQuantity = 10

// Longest name of a section: the one beside it has some more.
const maxName = 80

const usage = `Race for tickets: many buyers book at the same instant, and none may be oversold.

Usage: go run ./scripts/race [flags]

  --url URL        the API (default $ONSALE_URL, else http://localhost:3001)
  --scenario NAME  limited  10 buyers, an event with exactly 2 tickets left (the default)
                   vip      20 buyers, 5 VIP seats
                   groups   10 buyers who want 3 of 5 VIP seats each
                   all      these three, one after the other
  --users N        buyers, 1 to 1000    \
  --tickets M      tickets on sale      |  any of these changes the scenario, which
  --qty Q          tickets each, 1-10   |  then makes a fresh event for itself
  --section NAME   the section to book  /
  --timeout D      the longest that one answer may take (default 30s)

Exit code: 0 passed, 1 failed or no verdict, 2 used wrongly.
`

// scenario is one race: who wants how much of what.
type scenario struct {
	heading  string
	title    string // of the event, when one is made
	section  string // the section raced for, when an event is made
	beside   bool   // give a made event a second section, which must stay untouched
	fresh    bool   // make an event even where one with as many tickets left exists
	users    int
	tickets  int // in the section, at the start
	quantity int // tickets each buyer asks for
}

// scenarios in the order in which "all" runs them.
var scenarios = []struct {
	name string
	scenario
}{
	{"limited", scenario{heading: "Concurrency Test", title: limitedConcert, section: "General Admission",
		users: 10, tickets: 2, quantity: 1}},
	{"vip", scenario{heading: "Concurrency Test: VIP seats", title: "VIP Night", section: "VIP", beside: true, fresh: true,
		users: 20, tickets: 5, quantity: 1}},
	{"groups", scenario{heading: "Concurrency Test: groups", title: "VIP Night", section: "VIP", beside: true, fresh: true,
		users: 10, tickets: 5, quantity: 3}},
}

// limitedConcert is the event that the seed data has for this test.
const limitedConcert = "Limited Concert"

type options struct {
	url       string // without a slash at its end
	timeout   time.Duration
	scenarios []scenario
}

// parse reads the command line. Its error tells everything that is wrong with
// it, one line each, or is flag.ErrHelp.
func parse(args []string, getenv func(string) string) (options, error) {
	f := flag.NewFlagSet("race", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	address := f.String("url", "", "")
	name := f.String("scenario", "limited", "")
	users := f.Int("users", 0, "")
	tickets := f.Int("tickets", 0, "")
	quantity := f.Int("qty", 0, "")
	section := f.String("section", "", "")
	timeout := f.Duration("timeout", 30*time.Second, "")
	if err := f.Parse(args); err != nil {
		return options{}, err
	}

	var problems []error
	wrong := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if f.NArg() > 0 {
		wrong("unexpected %q", f.Arg(0))
	}
	if *address == "" {
		*address = getenv("ONSALE_URL")
	}
	if *address == "" {
		*address = "http://localhost:3001"
	}
	if u, err := url.Parse(*address); err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https") || u.RawQuery != "" || u.Fragment != "" {
		wrong("%q is no address of an API, such as http://localhost:3001", *address)
	}
	if *timeout <= 0 {
		wrong("--timeout must be more than zero, such as 30s")
	}

	given := map[string]bool{}
	f.Visit(func(f *flag.Flag) { given[f.Name] = true })
	inRange := func(flag string, n, most int) {
		if given[flag] && (n < 1 || n > most) {
			wrong("--%s must be from 1 to %d, not %d", flag, most, n)
		}
	}
	inRange("users", *users, maxUsers)
	inRange("tickets", *tickets, 1_000_000)
	inRange("qty", *quantity, maxQuantity)
	*section = strings.TrimSpace(*section)
	if n := utf8.RuneCountInString(*section); given["section"] && (n < 1 || n > maxName) {
		wrong("--section must have from 1 to %d characters", maxName)
	}
	changed := given["users"] || given["tickets"] || given["qty"] || given["section"]
	chosen, err := choose(*name, changed)
	if err != nil {
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return options{}, err
	}
	if changed {
		chosen[0] = chosen[0].change(*users, *tickets, *quantity, *section)
	}
	return options{url: strings.TrimRight(*address, "/"), timeout: *timeout, scenarios: chosen}, nil
}

// choose returns the scenarios of a name; "all" cannot be changed by flags.
func choose(name string, changed bool) ([]scenario, error) {
	var chosen []scenario
	names := []string{"all"}
	for _, s := range scenarios {
		names = append(names, s.name)
		if name == s.name || name == "all" {
			chosen = append(chosen, s.scenario)
		}
	}
	switch {
	case chosen == nil:
		slices.Sort(names)
		return nil, fmt.Errorf("no scenario %q: there are %s", name, strings.Join(names, ", "))
	case name == "all" && changed:
		return nil, errors.New("--users, --tickets, --qty and --section change one scenario, not all")
	}
	return chosen, nil
}

// change returns the scenario with other numbers (zero keeps one), to be run on
// an event made for it.
func (s scenario) change(users, tickets, quantity int, section string) scenario {
	set := func(to *int, n int) {
		if n != 0 {
			*to = n
		}
	}
	set(&s.users, users)
	set(&s.tickets, tickets)
	set(&s.quantity, quantity)
	if section != "" {
		s.section, s.beside = section, true
	}
	s.title, s.fresh = "Race Test", true
	return s
}
