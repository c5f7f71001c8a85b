package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"onsale/cmd/internal/config"
	"onsale/command"
	"onsale/command/identity"
	"onsale/command/sale"
)

func seedCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "seed",
		Short:   "Fill the database with demo accounts and events",
		Long:    "Fill the database with demo accounts and events. What is there already is left\nas it is, so that running it twice changes nothing.",
		Example: examples("onsale seed"),
		Args:    cobra.NoArgs,
		RunE: withConfig(notForProduction, func(ctx context.Context, c config.Config, log *slog.Logger, out io.Writer) error {
			return withDatabase(ctx, c, log, func(db *database) error {
				return withCore(db, c, log, func(core *core) error { return seed(ctx, core, out) })
			})
		}),
	}
}

// notForProduction refuses to make accounts whose password everybody knows where that would matter.
func notForProduction(c config.Config) error {
	if c.Environment == "production" {
		return errors.New("demo accounts have a password that everybody knows: they are not for APP_ENV=production")
	}
	return nil
}

// demoPassword opens every demo account.
const demoPassword = "onsale-demo-1" //nolint:gosec // for everybody: it is printed at the start

var demoAccounts = []struct {
	email, name string
	role        identity.Role
}{
	{"admin@onsale.example", "Demo Admin", identity.RoleAdmin},
	{"organizer@onsale.example", "Demo Organizer", identity.RoleUser},
	{"buyer1@onsale.example", "Demo Buyer One", identity.RoleUser},
	{"buyer2@onsale.example", "Demo Buyer Two", identity.RoleUser},
	{"buyer3@onsale.example", "Demo Buyer Three", identity.RoleUser},
}

// seed makes the demo accounts and events that are not there yet.
func seed(ctx context.Context, core *core, out io.Writer) error {
	planned := demoEvents(time.Now())
	bar, done := newProgress(os.Stderr, "making demo data", "things"), 0
	defer bar.end()
	next := func() { bar.at(int64(done), int64(len(demoAccounts)+len(planned))); done++ }
	organizer, accounts, err := seedAccounts(ctx, core.accounts, next)
	if err != nil {
		return fmt.Errorf("seed accounts: %w", err)
	}
	events, err := seedEvents(ctx, core.commands, organizer, planned, next)
	bar.end()
	if err != nil {
		return fmt.Errorf("seed events: %w", err)
	}
	fmt.Fprintf(out, "Demo data: %d accounts and %d events made; what was there is as it was.\n\n", accounts, events)
	for _, account := range demoAccounts {
		fmt.Fprintf(out, "  %-26s %s\n", account.email, demoPassword)
	}
	return nil
}

// seedAccounts and seedEvents call next before each thing they make.
func seedAccounts(ctx context.Context, accounts *identity.Service, next func()) (organizer uuid.UUID, made int, err error) {
	for _, account := range demoAccounts {
		next()
		registration := identity.Registration{Email: account.email, Name: account.name, Password: demoPassword}
		user, created, err := accounts.Ensure(ctx, registration, account.role)
		if err != nil {
			return uuid.Nil, made, err
		}
		if created {
			made++
		}
		if account.email == "organizer@onsale.example" {
			organizer = user.ID
		}
	}
	return organizer, made, nil
}

func seedEvents(ctx context.Context, commands *command.Handlers, organizer uuid.UUID, planned []command.CreateEvent, next func()) (made int, err error) {
	for i, event := range planned {
		if err := ctx.Err(); err != nil {
			return made, err
		}
		next()
		event.Organizer, event.CorrelationID = organizer, "seed"
		// The ids are fixed, so that a second run finds the events of the first.
		event.EventID = uuid.MustParse(fmt.Sprintf("01900000-0000-7000-8000-%012d", i+1))
		_, err := commands.CreateEvent(ctx, event)
		if errors.Is(err, sale.ErrEventExists) {
			continue
		}
		if err != nil {
			return made, fmt.Errorf("%s: %w", event.Title, err)
		}
		made++
	}
	return made, nil
}

// demoEvents are events of every kind that a screen should be able to show, ahead of now. They start on the hour of their
// venue's clocks.
func demoEvents(now time.Time) []command.CreateEvent {
	in := func(days, hour int) time.Time {
		return time.Date(now.Year(), now.Month(), now.Day()+days, hour, 0, 0, 0, time.UTC)
	}
	one := func(price int64, capacity, remaining int) []command.SectionSpec {
		return []command.SectionSpec{{Name: "General", Price: price, Capacity: capacity, Remaining: remaining}}
	}
	events := []command.CreateEvent{
		{
			Title: "Limited Concert", Venue: "The Cellar, Berlin", StartsAt: in(14, 20),
			TimeZone: "Europe/Berlin", Currency: "EUR",
			Description: "One night, one microphone, two chairs. The smallest concert of the year.",
			Sections:    one(4900, 2, 2),
		},
		{
			Title: "Northern Lights Festival", Venue: "Harbour Meadows, Helsinki", StartsAt: in(60, 16),
			TimeZone: "Europe/Helsinki", Currency: "EUR",
			Description: "Three stages between the water and the old cranes, from afternoon until the sun comes back.",
			Sections: []command.SectionSpec{
				{Name: "VIP", Price: 24900, Capacity: 200, Remaining: 200},
				{Name: "Floor", Price: 9900, Capacity: 4000, Remaining: 4000},
				{Name: "Balcony", Price: 7900, Capacity: 800, Remaining: 800},
			},
		},
		{
			Title: "Chamber Music by Candlelight", Venue: "St. Anne's Hall, Vienna", StartsAt: in(9, 19),
			TimeZone: "Europe/Vienna", Currency: "EUR",
			Description: "A string quartet, four hundred candles, and five seats within arm's reach of the cello.",
			Sections: []command.SectionSpec{
				{Name: "VIP", Price: 12000, Capacity: 5, Remaining: 5},
				{Name: "Floor", Price: 4500, Capacity: 120, Remaining: 120},
				{Name: "Balcony", Price: 2500, Capacity: 60, Remaining: 60},
			},
		},
		{
			Title: "Distributed Systems Day", Venue: "Convention Center, Chicago", StartsAt: in(35, 9),
			TimeZone: "America/Chicago", Currency: "USD",
			Description: "Talks about clocks that disagree, logs that do not, and what to do at three in the morning.",
			Sections:    one(14900, 300, 300),
		},
		{
			Title: "Stand-up Tuesday", Venue: "Backroom, New York", StartsAt: in(5, 20),
			TimeZone: "America/New_York", Currency: "USD",
			Description: "Eight comedians with six minutes each.",
			Sections:    one(1200, 80, 0),
		},
		{
			Title: "Jazz on the Roof", Venue: "Hotel Meridian, 12th floor, Lisbon", StartsAt: in(11, 21),
			TimeZone: "Europe/Lisbon", Currency: "EUR",
			Description: "Trio and skyline. Bring a jacket.",
			Sections:    one(3500, 120, 7),
		},
		{
			Title: "Half Marathon", Venue: "Old Town Square, Tallinn", StartsAt: in(90, 8),
			TimeZone: "Europe/Tallinn", Currency: "EUR",
			Description: "21.1 kilometres along the river. The ticket is a start number.",
			Sections:    one(5500, 2500, 1100),
		},
		{
			Title: "Open Workshop: Pottery", Venue: "Kiln Street 4", StartsAt: in(3, 10),
			Currency:    "EUR",
			Description: "Clay and aprons are there. You keep what survives the kiln.",
			Sections:    one(0, 12, 12),
		},
		{
			Title: "Spring Gala", Venue: "Grand Opera, Tokyo", StartsAt: in(120, 18),
			TimeZone: "Asia/Tokyo", Currency: "JPY",
			Description: "Overtures, waltzes, and one piece that nobody will announce.",
			Sections: []command.SectionSpec{
				{Name: "Floor", Price: 18000, Capacity: 600, Remaining: 600},
				{Name: "Balcony", Price: 9000, Capacity: 400, Remaining: 380},
			},
		},
	}
	for i := range events {
		zone, err := time.LoadLocation(events[i].TimeZone)
		if err != nil {
			panic(err) // the program has them all
		}
		at := events[i].StartsAt
		events[i].StartsAt = time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), 0, 0, 0, zone)
	}
	return events
}
