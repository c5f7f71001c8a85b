package main

import (
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"onsale/migrations"
	"onsale/migrations/migrationstest"
)

func TestAPersonBooksSeesAndCancels(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	organizer, buyer := p.register("organizer"), p.register("buyer")
	event := organizer.openEvent(2)

	booked := buyer.book(event)
	if booked.Status != http.StatusCreated || booked.Booking.Status != "CONFIRMED" || booked.Event.RemainingTickets != 1 {
		t.Fatalf("book: %+v", booked)
	}
	if a := buyer.book(event); a.Status != http.StatusConflict || a.Code != "already_booked" {
		t.Errorf("book again: %+v", a)
	}
	if a := buyer.call("GET", "/bookings", nil); len(a.Data) != 1 {
		t.Errorf("my bookings: %+v", a)
	}
	if a := organizer.call("DELETE", "/bookings/"+booked.Booking.ID, nil); a.Status != http.StatusForbidden {
		t.Errorf("somebody else cancels: %+v", a)
	}
	if a := buyer.call("DELETE", "/bookings/"+booked.Booking.ID, nil); a.Status != http.StatusOK || a.Booking.Status != "CANCELLED" {
		t.Errorf("cancel: %+v", a)
	}
	if n := buyer.remaining(event); n != 2 {
		t.Errorf("%d tickets are left after cancelling, want 2", n)
	}
	if a := buyer.book(event); a.Status != http.StatusCreated {
		t.Errorf("book after cancelling: %+v", a)
	}
}

func TestTheDashboardsPortHasTheAPIToo(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	web := client{t: t, url: p.web}
	if a := web.call("GET", "/api/openapi.json", nil); a.Status != http.StatusOK {
		t.Errorf("got %+v", a)
	}
	if a := web.call("GET", "/api/events", nil); a.Status != http.StatusUnauthorized || a.Code != "token_missing" {
		t.Errorf("got %+v", a)
	}
	page, err := http.Get(p.web + "/")
	if err != nil || page.StatusCode != http.StatusOK || !strings.HasPrefix(page.Header.Get("Content-Type"), "text/html") {
		t.Errorf("got %v, %v", page, err)
	}
	page.Body.Close()
}

func TestManyBuyersDoNotWaitForEachOthersPayments(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t), "PAYMENT_DELAY": "1s"})
	event := p.register("organizer").openEvent(20)
	buyers := make([]client, 24)
	for i := range buyers {
		buyers[i] = p.register("buyer" + strconv.Itoa(i))
	}
	start, answers := make(chan struct{}), make([]answer, len(buyers))
	var done sync.WaitGroup
	for i, buyer := range buyers {
		done.Go(func() { <-start; answers[i] = buyer.book(event) })
	}
	began := time.Now()
	close(start)
	done.Wait()
	codes := map[string]int{}
	for _, a := range answers {
		codes[strconv.Itoa(a.Status)+a.Code]++
	}
	if codes["201"] != 20 || codes["409sold_out"] != 4 {
		t.Errorf("got %v, want 20 booked and 4 sold out", codes)
	}
	if took := time.Since(began); took > 10*time.Second { // one after another would take 20 s
		t.Errorf("took %s", took)
	}
}

func TestABookingUnderWayIsFinished(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t), "PAYMENT_DELAY": "2s"}

	// payingFor has a buyer pay, and returns when the seats are taken.
	payingFor := func(buyer client, event string, remaining int) chan answer {
		answered := make(chan answer, 1)
		go func() { a, _ := buyer.try("POST", "/book", map[string]any{"eventId": event}); answered <- a }()
		for buyer.remaining(event) != remaining {
			select {
			case a := <-answered:
				t.Fatalf("answered too early: %+v", a)
			default:
			}
		}
		return answered
	}
	t.Run("when the program is told to stop", func(t *testing.T) {
		p := startProgram(t, dir, s)
		buyer := p.register("patient")
		event := buyer.openEvent(5)
		answered := payingFor(buyer, event, 4)
		if code := p.stop(); code != 0 {
			t.Errorf("exit code %d\n%s", code, p.output)
		}
		if a := <-answered; a.Status != http.StatusCreated {
			t.Errorf("got %+v", a)
		}
	})
	t.Run("when its client hangs up", func(t *testing.T) {
		p := startProgram(t, dir, s)
		buyer := p.register("impatient")
		event := buyer.openEvent(5)
		conn, err := net.Dial("tcp", strings.TrimPrefix(p.url, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		body := fmt.Sprintf(`{"eventId":%q}`, event)
		fmt.Fprintf(conn, "POST /book HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
			buyer.token, len(body), body)
		for buyer.remaining(event) != 4 {
		}
		conn.Close()
		p.stop() // which waits for what is under way
		p = startProgram(t, dir, s)
		buyer.url = p.url
		if a := buyer.call("GET", "/bookings", nil); len(a.Data) != 1 {
			t.Errorf("bookings: %+v", a)
		}
	})
	t.Run("or its seats come back when the program is killed", func(t *testing.T) {
		short := settings{"DATABASE_URL": s["DATABASE_URL"], "PAYMENT_DELAY": "2s"}
		p := startProgram(t, dir, short)
		buyer := p.register("unlucky")
		event := buyer.openEvent(5)
		answered := payingFor(buyer, event, 4)
		p.kill()
		if a := <-answered; a.Status == http.StatusCreated {
			t.Errorf("answered %+v by a program that was killed", a)
		}
		p = startProgram(t, dir, short)
		buyer.url = p.url
		if a := buyer.book(event); a.Status != http.StatusConflict || a.Code != "booking_in_progress" {
			t.Errorf("the seats are held until the time to pay is over: %+v", a)
		}
	})
}

func TestWhatWasAnsweredSurvivesKill9(t *testing.T) {
	t.Parallel()
	s := settings{"ONSALE_DATA": filepath.Join(enterableDir(t), "data")}
	const events, seats = 60, 10
	p := startProgram(t, t.TempDir(), s)
	organizer := p.register("organizer")
	ids := make([]string, events)
	for i := range ids {
		ids[i] = organizer.openEvent(seats)
	}
	buyers := make([]client, 6)
	for i := range buyers {
		buyers[i] = p.register("buyer" + strconv.Itoa(i))
	}
	for victim, kill := range map[string]func(postmaster int){
		"the program":  func(int) { p.kill() },
		"its database": func(postmaster int) { syscall.Kill(postmaster, syscall.SIGKILL); <-p.ended },
		"both at once": func(postmaster int) { syscall.Kill(postmaster, syscall.SIGKILL); p.kill() },
	} {
		answered := bookUntilDark(buyers, ids, func() { kill(postmasterOf(t, s["ONSALE_DATA"])) })
		p = startProgram(t, t.TempDir(), s)
		organizer.url = p.url
		booked := 0
		for i := range buyers {
			buyers[i].url = p.url
			booked += buyers[i].call("GET", "/bookings", nil).Meta.Total
			for _, id := range answered[i] {
				if a := buyers[i].call("GET", "/bookings/"+id, nil); a.Status != http.StatusOK {
					t.Errorf("%s was killed: booking %s was answered 201, and now %+v", victim, id, a)
				}
			}
		}
		remaining := 0
		for _, id := range ids {
			remaining += organizer.remaining(id)
		}
		if booked+remaining != events*seats {
			t.Errorf("%s was killed: %d bookings and %d remaining of %d", victim, booked, remaining, events*seats)
		}
	}
}

// bookUntilDark has each buyer book one event after the other until the program does not answer any more; dark is called
// when some bookings were answered. It returns the bookings that were answered to each buyer.
func bookUntilDark(buyers []client, events []string, dark func()) [][]string {
	answered := make([][]string, len(buyers))
	var done sync.WaitGroup
	enough := make(chan struct{}, len(buyers)*len(events))
	for i, buyer := range buyers {
		done.Go(func() {
			for _, event := range events {
				a, err := buyer.try("POST", "/book", map[string]any{"eventId": event})
				if err != nil || a.Status >= 500 {
					return
				}
				if a.Status == http.StatusCreated {
					answered[i] = append(answered[i], a.Booking.ID)
					enough <- struct{}{}
				}
			}
		})
	}
	for range 20 {
		<-enough
	}
	dark()
	done.Wait()
	return answered
}

// enterableDir is a folder that every user may enter: as root, the private PostgreSQL runs as another one.
func enterableDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "onsale-data-") //nolint:usetesting // t.TempDir is within a folder that only we may enter
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

func TestUse(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, test := range map[string]struct {
		args     []string
		settings settings
		code     int
		says     []string
	}{
		"help is help":                    {[]string{"--help"}, nil, 0, []string{"serve", "migrate", "seed", "version"}},
		"version tells the schema":        {[]string{"version"}, nil, 0, []string{fmt.Sprintf("schema %d", migrations.Latest())}},
		"an unknown command is wrong use": {[]string{"sell"}, nil, 2, []string{`"sell"`, "--help"}},
		"an unknown flag is wrong use":    {[]string{"serve", "--fast"}, nil, 2, []string{"--fast"}},
		"an argument too many":            {[]string{"migrate", "now"}, nil, 2, []string{"now"}},
		"wrong settings are told at once": {[]string{"serve"}, settings{"API_PORT": "http", "LOG_FORMAT": "xml"}, 2, []string{"API_PORT", "LOG_FORMAT"}},
		"a database that is not there":    {[]string{"migrate"}, settings{"DATABASE_URL": "postgres://localhost:1/none?connect_timeout=2"}, 1, []string{"connect to the database"}},
		"a database url that is none":     {[]string{"migrate"}, settings{"DATABASE_URL": "hello"}, 2, []string{"DATABASE_URL"}},
		"a replica that is not there":     {[]string{"serve"}, settings{"DATABASE_URL": migrationstest.Database(t), "QUERY_DATABASE_URL": "postgres://localhost:1/none?connect_timeout=2"}, 1, []string{"QUERY_DATABASE_URL"}},
		"demo data is not for production": {[]string{"seed"}, settings{"APP_ENV": "production"}, 2, []string{"production"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := runProgram(t, dir, test.settings, test.args...)
			if code != test.code {
				t.Errorf("exit code %d, want %d", code, test.code)
			}
			for _, part := range test.says {
				if !strings.Contains(stdout+stderr, part) {
					t.Errorf("does not say %q:\n%s%s", part, stdout, stderr)
				}
			}
		})
	}
}

func TestAPortInUseIsToldInPlainWords(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
	code, _, stderr := runProgram(t, t.TempDir(), settings{"API_PORT": port}, "serve")
	if code != 1 || !strings.Contains(stderr, "API_PORT: port "+port) {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}

func TestSeed(t *testing.T) {
	t.Parallel()
	dir, s := t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)}
	if code, out, err := runProgram(t, dir, s, "seed"); code != 0 || !strings.Contains(out, "5 accounts and 9 events made") {
		t.Fatalf("exit code %d\n%s%s", code, out, err)
	}
	p := startProgram(t, dir, s)
	t.Run("running it twice changes nothing, with or without a serve", func(t *testing.T) {
		code, out, err := runProgram(t, dir, s, "seed")
		if code != 0 || !strings.Contains(out, "0 accounts and 0 events made") {
			t.Errorf("exit code %d\n%s%s", code, out, err)
		}
	})
	c := client{t: t, url: p.url}
	c.token = c.call("POST", "/auth/login", map[string]string{"email": "buyer1@onsale.example", "password": demoPassword}).AccessToken
	t.Run("there is an event with exactly two tickets", func(t *testing.T) {
		a := c.call("GET", "/events?search=limited%20concert", nil)
		if a.Meta.Total != 1 || !strings.Contains(string(a.Data[0]), `"remainingTickets":2`) || !strings.Contains(string(a.Data[0]), `"totalTickets":2`) {
			t.Errorf("got %+v %s", a.Meta, a.Data)
		}
	})
	t.Run("there are at least eight events", func(t *testing.T) {
		if a := c.call("GET", "/events?limit=50", nil); a.Meta.Total < 8 {
			t.Errorf("got %d", a.Meta.Total)
		}
	})
	t.Run("one of the accounts is an admin", func(t *testing.T) {
		if a := c.call("GET", "/bookings?scope=all", nil); a.Status != http.StatusForbidden {
			t.Errorf("a buyer: %+v", a)
		}
		c.token = c.call("POST", "/auth/login", map[string]string{"email": "admin@onsale.example", "password": demoPassword}).AccessToken
		if a := c.call("GET", "/bookings?scope=all", nil); a.Status != http.StatusOK {
			t.Errorf("the admin: %+v", a)
		}
	})
}

// postmasterOf reads the process id of the program's private PostgreSQL.
func postmasterOf(t *testing.T, dir string) int {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*", "postmaster.pid"))
	if err != nil || len(files) != 1 {
		t.Fatalf("postmaster.pid in %s: %v, %v", dir, files, err)
	}
	text, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}
