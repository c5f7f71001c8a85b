package sale

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"
)

// open is what an organiser asks for; each edit makes something else of it.
func open(edits ...func(*Open)) Open {
	c := Open{
		Organizer: organizer, Title: "Concert", Description: "Two sets.\nNo\tsupport.", Venue: "Hall", StartsAt: doors,
		Currency: "EUR", At: now,
		Sections: []OpenSection{
			{ID: vip, Name: "VIP", Price: 10_000, Capacity: 5, OnSale: 5},
			{ID: floor, Name: "Floor", Price: 0, Capacity: 10, OnSale: 0},
		},
	}
	for _, edit := range edits {
		edit(&c)
	}
	return c
}

// asOpened is what is decided when all of that is right.
func asOpened(edits ...func(*Open)) decision {
	c := open(edits...)
	e := Opened{
		Organizer: c.Organizer, Title: c.Title, Description: c.Description, Venue: c.Venue, StartsAt: c.StartsAt, TimeZone: c.TimeZone,
		Currency: c.Currency, At: c.At,
	}
	for _, s := range c.Sections {
		e.Sections = append(e.Sections, OpenedSection(s))
	}
	return events(e)
}

func sectionsNumbering(n int) func(*Open) {
	return func(c *Open) {
		c.Sections = nil
		for i := range n {
			name := fmt.Sprint("Block ", i)
			c.Sections = append(c.Sections, OpenSection{ID: id(name), Name: name, Capacity: 1, OnSale: 1})
		}
	}
}

func TestOpen(t *testing.T) {
	dateless := func(c *Open) { c.StartsAt = time.Time{} }
	zoned := func(c *Open) { c.TimeZone = "Europe/Berlin" }
	bare := func(c *Open) { c.Description, c.Venue = "", "" }
	marked := func(c *Open) { c.Title = "\u05e7\u05d5\u05e0\u05e6\u05e8\u05d8 \u200fJazz\u200e!" }
	nextInstant := func(c *Open) { c.StartsAt = c.At.Add(1) }
	lastInstant := func(c *Open) { c.StartsAt = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC) }
	longest := func(c *Open) {
		c.Title, c.Venue = strings.Repeat("é", 200), strings.Repeat("é", 200)
		c.Description, c.Sections[0].Name = strings.Repeat("é", 5000), strings.Repeat("é", 100)
	}
	largest := func(c *Open) {
		c.Sections[0].Price, c.Sections[0].Capacity, c.Sections[0].OnSale = 1e12, 1_000_000, 1_000_000
	}
	hundred := sectionsNumbering(100)
	scenarios{
		"an organiser puts seats on sale":                 {nil, open(), asOpened()},
		"a date is not needed":                            {nil, open(dateless), asOpened(dateless)},
		"the venue may have a time zone":                  {nil, open(zoned), asOpened(zoned)},
		"neither are a description and a venue":           {nil, open(bare), asOpened(bare)},
		"a title may run to the left, with marks":         {nil, open(marked), asOpened(marked)},
		"the date may be the next instant":                {nil, open(nextInstant), asOpened(nextInstant)},
		"the date may be the last that can be written":    {nil, open(lastInstant), asOpened(lastInstant)},
		"lengths are counted in characters, not in bytes": {nil, open(longest), asOpened(longest)},
		"a section may be as large and dear as this":      {nil, open(largest), asOpened(largest)},
		"there may be a hundred sections":                 {nil, open(hundred), asOpened(hundred)},
		"a sale is opened once":                           {[]Event{opened}, open(), refused(ErrEventExists)},
		"what is wrong with a second opening is no matter": {
			[]Event{opened}, Open{}, refused(ErrEventExists),
		},
	}.run(t)
}

func TestASaleWhoseIdStandsForTheRequestIsOpenedAgain(t *testing.T) {
	again := func(edits ...func(*Open)) Open {
		c := open(edits...)
		c.Repeatable = true
		return c
	}
	given := asOpened().events
	rows := scenarios{
		"the first time as any other":                    {nil, again(), asOpened()},
		"the same request causes nothing":                {given, again(), nothing},
		"at any time, of any time zone":                  {given, again(func(c *Open) { c.At, c.StartsAt = doors.Add(1), doors.In(time.FixedZone("", 3600)) }), nothing},
		"with other ids of the sections":                 {given, again(func(c *Open) { c.Sections[0].ID = id("another") }), nothing},
		"whatever was sold since":                        {append(given, booked(order("booking", alice, 2))), again(), nothing},
		"what is wrong with another one is no matter":    {given, again(func(c *Open) { c.Title = "" }), refused(ErrKeyReused)},
		"not by somebody else, whose id it would not be": {given, again(func(c *Open) { c.Organizer = alice }), refused(ErrKeyReused)},
	}
	for what, edit := range map[string]func(*Open){
		"title": func(c *Open) { c.Title = "Other" }, "description": func(c *Open) { c.Description = "" },
		"venue": func(c *Open) { c.Venue = "" }, "date": func(c *Open) { c.StartsAt = time.Time{} },
		"time zone": func(c *Open) { c.TimeZone = "Europe/Berlin" }, "currency": func(c *Open) { c.Currency = "USD" },
		"number of sections": func(c *Open) { c.Sections = c.Sections[:1] }, "order of sections": func(c *Open) { slices.Reverse(c.Sections) },
		"name of a section": func(c *Open) { c.Sections[1].Name = "Other" }, "price": func(c *Open) { c.Sections[1].Price = 1 },
		"capacity": func(c *Open) { c.Sections[1].Capacity = 11 }, "number on sale": func(c *Open) { c.Sections[1].OnSale = 1 },
	} {
		rows["with another "+what+" it is another request"] = scenario{given, again(edit), refused(ErrKeyReused)}
	}
	rows.run(t)
}

func TestOpenNamesTheFieldThatIsWrong(t *testing.T) {
	const (
		control  = "must be text without control characters"
		blank    = "must not be blank"
		currency = "must be a three-letter code such as EUR"
		future   = "must be in the future: nothing is sold after the event has started"
		price    = "must be 0 or more, and at most 1000000000000 minor units"
		capacity = "must be 1 to 1000000"
		onSale   = "must be 0 to the section's capacity, 5"
		differ   = "must differ from the other sections' names"
		sections = "must be 1 to 100 sections"
	)
	vipSection := func(edit func(*OpenSection)) func(*Open) { return func(c *Open) { edit(&c.Sections[0]) } }
	rows := map[string]struct {
		edit           func(*Open)
		field, problem string
	}{
		"no title":                    {func(c *Open) { c.Title = "" }, "title", "must be 1 to 200 characters"},
		"a blank title":               {func(c *Open) { c.Title = " \t " }, "title", blank},
		"a title that is too long":    {func(c *Open) { c.Title = strings.Repeat("x", 201) }, "title", "must be 1 to 200 characters"},
		"a title that is not UTF-8":   {func(c *Open) { c.Title = "\xff" }, "title", control},
		"a NUL in the title":          {func(c *Open) { c.Title = "a\x00b" }, "title", control},
		"a title that turns others":   {func(c *Open) { c.Title = "a\u202eb" }, "title", control},
		"a venue that begins to turn": {func(c *Open) { c.Venue = "\u2067a" }, "venue", control},
		"a long description":          {func(c *Open) { c.Description = strings.Repeat("x", 5001) }, "description", "must be 0 to 5000 characters"},
		"an escape in a description":  {func(c *Open) { c.Description = "\x1b[2J" }, "description", control},
		"a long venue":                {func(c *Open) { c.Venue = strings.Repeat("x", 201) }, "venue", "must be 0 to 200 characters"},
		"no currency":                 {func(c *Open) { c.Currency = "" }, "currency", currency},
		"a currency in lower case":    {func(c *Open) { c.Currency = "eur" }, "currency", currency},
		"a currency with four":        {func(c *Open) { c.Currency = "EURO" }, "currency", currency},
		"a start at this very time":   {func(c *Open) { c.StartsAt = c.At }, "date", future},
		"a start in the past":         {func(c *Open) { c.StartsAt = c.At.Add(-1) }, "date", future},
		"a start no JSON can hold":    {func(c *Open) { c.StartsAt = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC) }, "date", "must be before the year 10000"},
		"no sections":                 {func(c *Open) { c.Sections = nil }, "sections", sections},
		"too many sections":           {sectionsNumbering(101), "sections", sections},
		"a section without a name":    {vipSection(func(s *OpenSection) { s.Name = "" }), "sections[0].name", "must be 1 to 100 characters"},
		"a section's long name":       {vipSection(func(s *OpenSection) { s.Name = strings.Repeat("x", 101) }), "sections[0].name", "must be 1 to 100 characters"},
		"two sections of one name":    {func(c *Open) { c.Sections[1].Name = "vip" }, "sections[1].name", differ},
		"a negative price":            {vipSection(func(s *OpenSection) { s.Price = -1 }), "sections[0].price", price},
		"a price beyond all reason":   {vipSection(func(s *OpenSection) { s.Price = 1e12 + 1 }), "sections[0].price", price},
		"no capacity":                 {vipSection(func(s *OpenSection) { s.Capacity, s.OnSale = 0, 0 }), "sections[0].capacity", capacity},
		"too large a capacity":        {vipSection(func(s *OpenSection) { s.Capacity = 1_000_001 }), "sections[0].capacity", capacity},
		"more on sale than there are": {vipSection(func(s *OpenSection) { s.OnSale = 6 }), "sections[0].remaining", onSale},
		"fewer than none on sale":     {vipSection(func(s *OpenSection) { s.OnSale = -1 }), "sections[0].remaining", onSale},
	}
	t.Parallel()
	for name, row := range rows {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			scenario{nil, open(row.edit), refused(&FieldError{row.field, row.problem})}.check(t)
		})
	}
}

func TestOpenNamesAllFieldsThatAreWrongAtOnce(t *testing.T) {
	t.Parallel()
	c := Open{At: now, StartsAt: before, Sections: []OpenSection{{ID: vip, Price: -1}}}
	_, err := Decide(saleOf(), c)
	var fields []string
	for _, e := range unjoin(err) {
		fields = append(fields, e.(*FieldError).InvalidField())
	}
	got := strings.Join(fields, " ")
	if want := "title currency date sections[0].name sections[0].price sections[0].capacity"; got != want {
		t.Errorf("wrong fields: %s, want %s", got, want)
	}
}

func TestTooManySectionsAreNotAllComplainedAbout(t *testing.T) {
	t.Parallel()
	c := open(func(c *Open) { c.Sections = make([]OpenSection, 100_000) })
	_, err := Decide(saleOf(), c)
	if n := len(unjoin(err)); n > 1+3*maxSections {
		t.Errorf("%d problems", n)
	}
}

func TestSeatsThatWereGoneFromTheStartAreNotOnSale(t *testing.T) {
	t.Parallel()
	s := saleOf(openedWith(OpenedSection{ID: vip, Name: "VIP", Price: 10_000, Capacity: 50, OnSale: 2}))
	if s.Remaining() != 2 {
		t.Errorf("%d seats are free, want 2", s.Remaining())
	}
	scenario{[]Event{openedWith(OpenedSection{ID: vip, Capacity: 50, OnSale: 2})}, Book{order("a", alice, 3)},
		notEnough(2)}.check(t)
}

func TestNothingHappensToASaleThatWasNotOpened(t *testing.T) {
	someone := uuid.UUID{1}
	rows := scenarios{}
	for _, c := range []Command{
		Book{order("a", alice, 1)}, Hold{Order: order("a", alice, 1)}, StartPayment{Hold: someone}, Confirm{Hold: someone},
		FailPayment{Hold: someone}, Release{Hold: someone}, Cancel{Booking: someone}, ExpireHolds{At: now, Limit: 1},
	} {
		rows[fmt.Sprintf("%T", c)] = scenario{nil, c, refused(ErrEventNotFound)}
	}
	rows.run(t)
}
