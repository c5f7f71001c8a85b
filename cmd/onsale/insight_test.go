package main

import (
	"bufio"
	"encoding/json"
	"net"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/oasdiff/yaml"

	"onsale/migrations/migrationstest"
)

var adminAddress = regexp.MustCompile(`metrics and profiles are served.*url\W+(http://\S+)/metrics`)

// adminURL is where the program said that its admin listener is.
func (p *program) adminURL() string {
	p.t.Helper()
	found := adminAddress.FindStringSubmatch(p.output.String())
	if found == nil {
		p.t.Fatalf("it does not say where its metrics are:\n%s", p.output)
	}
	return found[1]
}

// scrape returns the program's metrics: series to value, as written.
func (p *program) scrape() map[string]string {
	p.t.Helper()
	answer, err := http.Get(p.adminURL() + "/metrics")
	if err != nil {
		p.t.Fatal(err)
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		p.t.Fatalf("metrics: %s", answer.Status)
	}
	series := make(map[string]string)
	for lines := bufio.NewScanner(answer.Body); lines.Scan(); {
		if i := strings.LastIndexByte(lines.Text(), ' '); i > 0 && lines.Text()[0] != '#' {
			series[lines.Text()[:i]] = lines.Text()[i+1:]
		}
	}
	return series
}

func TestOnlyTheAdminListenerShowsWhatIsInside(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	status := func(address string) int {
		t.Helper()
		answer, err := http.Get(address)
		if err != nil {
			t.Fatal(err)
		}
		answer.Body.Close()
		return answer.StatusCode
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/heap"} {
		for _, base := range []string{p.url, p.url + "/api", p.web, p.web + "/api"} {
			if got := status(base + path); got != http.StatusNotFound {
				t.Errorf("%s%s: %d", base, path, got)
			}
		}
		if got := status(p.adminURL() + path); got != http.StatusOK {
			t.Errorf("%s on the admin listener: %d", path, got)
		}
	}
	admin, err := url.Parse(p.adminURL())
	if err != nil {
		t.Fatal(err)
	}
	if ip := net.ParseIP(admin.Hostname()); ip == nil || !ip.IsLoopback() {
		t.Errorf("it listens on %s", admin.Hostname())
	}
	conn, err := net.Dial("tcp", net.JoinHostPort("127.0.0.2", admin.Port())) // as good as another machine
	if err == nil {
		conn.Close()
		t.Error("it listens on more than 127.0.0.1")
	}
}

func TestWhatIsSoldIsCounted(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	first, second := p.register("first"), p.register("second")
	event := first.openEvent(1)
	for _, buyer := range []client{first, second} {
		buyer.book(event)
	}
	if n := second.remaining(event); n != 0 { // the tables show it
		t.Fatalf("%d remain", n)
	}
	got := p.scrape()
	for series, want := range map[string]string{
		`onsale_bookings_total`: "1",
		`onsale_http_requests_total{code="",method="POST",route="/book",status="201"}`:         "1",
		`onsale_http_requests_total{code="sold_out",method="POST",route="/book",status="409"}`: "1",
		`onsale_writer_commands_total{outcome="refused"}`:                                      "1",
		`onsale_projection_lag_events{projection="listings"}`:                                  "0",
		`onsale_projection_position{projection="listings"}`:                                    "2",
		`onsale_db_pool_max_connections{pool="log"}`:                                           "8",
	} {
		if got[series] != want {
			t.Errorf("%s is %q, want %s", series, got[series], want)
		}
	}
	for series := range got {
		if strings.Contains(series, event) || strings.Contains(series, "example.com") {
			t.Errorf("a label tells of somebody or something: %s", series)
		}
	}
}

var (
	metricName = regexp.MustCompile(`\b(?:onsale|go|process)_[a-z_]+`)
	selector   = regexp.MustCompile(`\b((?:onsale|go|process)_[a-z_]+)\{([^}]*)\}`)
	matcher    = regexp.MustCompile(`([a-z]+)=~?"([^"]*)"`)
)

// queries returns the queries of the dashboard and of the alerts, by what they are for, and the alerts' runbooks.
func queries(t *testing.T) (all map[string][]string, runbooks []string) {
	t.Helper()
	all = make(map[string][]string)
	var dashboard struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
		Annotations struct{ List []struct{ Expr string } }
		Templating  struct{ List []struct{ Query string } }
	}
	text, err := os.ReadFile("../../compose/grafana/dashboards/onsale.json")
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &dashboard); err != nil {
		t.Fatal(err)
	}
	for _, panel := range dashboard.Panels {
		for _, target := range panel.Targets {
			all["panel "+panel.Title] = append(all["panel "+panel.Title], target.Expr)
		}
	}
	all["annotations"] = []string{dashboard.Annotations.List[0].Expr}
	all["variables"] = []string{dashboard.Templating.List[0].Query}
	var rules struct {
		Groups []struct {
			Rules []struct {
				Alert, Expr string
				Labels      struct{ Severity string }
				Annotations struct{ Summary, Action, Runbook string }
			}
		}
	}
	if text, err = os.ReadFile("../../compose/prometheus/alerts.yml"); err != nil {
		t.Fatal(err)
	}
	if _, err := yaml.Unmarshal(text, &rules, yaml.DecodeOpts{}); err != nil {
		t.Fatal(err)
	}
	for _, rule := range rules.Groups[0].Rules {
		all["alert "+rule.Alert] = []string{rule.Expr}
		runbooks = append(runbooks, rule.Annotations.Runbook)
		if a := rule.Annotations; a.Summary == "" || a.Action == "" || !slices.Contains([]string{"page", "ticket"}, rule.Labels.Severity) {
			t.Errorf("%s does not say what is wrong, what to do, or when", rule.Alert)
		}
	}
	if len(all) < 40 || len(runbooks) < 10 {
		t.Fatalf("only %d queries and %d runbooks were found", len(all), len(runbooks))
	}
	return all, runbooks
}

func TestProbesAreNotTakenForBuyers(t *testing.T) {
	t.Parallel()
	all, _ := queries(t)
	for _, alert := range []string{"alert OnsaleErrors", "alert OnsaleTurnsAway"} {
		for _, part := range strings.Split(all[alert][0], "onsale_http_requests_total")[1:] {
			if selected, _, _ := strings.Cut(part, "}"); !strings.Contains(selected, `route!~"/readyz|/healthz"`) {
				t.Errorf("%s counts probes: %s", alert, all[alert])
			}
		}
	}
}

func TestANodeThatNobodyDiscoversAnyMoreIsMissed(t *testing.T) {
	t.Parallel()
	all, _ := queries(t)
	for alert, want := range map[string]string{"alert OnsaleAllNodesDown": "absent(", "alert OnsaleNodeDown": "max_over_time(count("} {
		if len(all[alert]) != 1 || !strings.Contains(all[alert][0], want) {
			t.Errorf("%s only sees nodes that are discovered: %q", alert, all[alert])
		}
	}
}

func TestEveryMetricOfTheDashboardAndTheAlertsExists(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t), "PAYMENT_DELAY": "1ms"})
	buyer := p.register("buyer")
	event := buyer.openEvent(2)
	buyer.watch(p.url, event).until(2)
	buyer.book(event)
	labels := make(map[string]string) // of all series of a metric, one after the other
	for series := range p.scrape() {
		name, rest, _ := strings.Cut(series, "{")
		labels[name] += "," + strings.TrimSuffix(rest, "}")
	}
	all, _ := queries(t)
	for what, exprs := range all {
		for _, expr := range exprs {
			for _, name := range metricName.FindAllString(expr, -1) {
				if _, exists := labels[name]; !exists {
					t.Errorf("%s asks for %s, which does not exist", what, name)
				}
			}
			for _, missing := range missingLabels(expr, labels) {
				t.Errorf("%s asks for %s, which does not exist", what, missing)
			}
		}
	}
}

// missingLabels returns what a query selects by and no series has. Prometheus itself adds instance and job; which status there is
// depends on what happened.
func missingLabels(expr string, labels map[string]string) (missing []string) {
	for _, selected := range selector.FindAllStringSubmatch(expr, -1) {
		for _, m := range matcher.FindAllStringSubmatch(selected[2], -1) {
			if slices.Contains([]string{"instance", "job", "status"}, m[1]) {
				continue
			}
			for value := range strings.SplitSeq(m[2], "|") {
				if !strings.Contains(labels[selected[1]], ","+m[1]+`="`+value+`"`) {
					missing = append(missing, selected[1]+"{"+m[1]+`="`+value+`"}`)
				}
			}
		}
	}
	return missing
}

// The negative control of TestEveryMetricOfTheDashboardAndTheAlertsExists.
func TestALabelThatNoSeriesHasIsMissing(t *testing.T) {
	t.Parallel()
	labels := map[string]string{"onsale_x_total": `,as="a",kind="k",as="b"`}
	for expr, want := range map[string]int{
		`rate(onsale_x_total{as=~"a|b",kind="k"}[1m])`: 0, `onsale_x_total{as=~"a|c"}`: 1, `onsale_x_total{other="a"}`: 1,
		`onsale_x_total{instance=~".*"}`: 0,
	} {
		if got := missingLabels(expr, labels); len(got) != want {
			t.Errorf("%s: %v", expr, got)
		}
	}
}

func TestEveryRunbookIsWritten(t *testing.T) {
	t.Parallel()
	text, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Skipf("THE RUNBOOKS ARE NOT THERE: %v", err)
	}
	anchors := make(map[string]bool)
	for line := range strings.Lines(string(text)) {
		if heading := strings.TrimLeft(line, "#"); heading != line {
			anchor := strings.ToLower(strings.TrimSpace(heading))
			anchors["docs/operations.md#"+strings.ReplaceAll(anchor, " ", "-")] = true
		}
	}
	_, runbooks := queries(t)
	for _, runbook := range runbooks {
		if !anchors[runbook] {
			t.Errorf("%s does not exist", runbook)
		}
	}
}
