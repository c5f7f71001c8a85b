package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
	"time"
)

func TestCommandLine(t *testing.T) {
	t.Parallel()
	vip := scenarios[1].scenario
	custom := func(s scenario, change func(*scenario)) []scenario {
		s.title, s.fresh = "Race Test", true
		change(&s)
		return []scenario{s}
	}
	tests := map[string]struct {
		args, env string
		want      options
	}{
		"without flags it is the requirement's test": {"", "", options{"http://localhost:3001", 30 * time.Second, []scenario{scenarios[0].scenario}}},
		"the address can come from the environment":  {"", "http://h:1", options{"http://h:1", 30 * time.Second, []scenario{scenarios[0].scenario}}},
		"a flag goes before the environment":         {"--url https://a/api/", "http://h:1", options{"https://a/api", 30 * time.Second, []scenario{scenarios[0].scenario}}},
		"all are the three in order": {"--scenario all", "", options{"http://localhost:3001", 30 * time.Second,
			[]scenario{scenarios[0].scenario, vip, scenarios[2].scenario}}},
		"flags change a scenario, which then makes an event": {"--scenario vip --users 7 --timeout 1m", "", options{"http://localhost:3001", time.Minute,
			custom(vip, func(s *scenario) { s.users = 7 })}},
		"a named section has one beside it": {"--section Floor --tickets 3 --qty 2", "", options{"http://localhost:3001", 30 * time.Second,
			custom(scenarios[0].scenario, func(s *scenario) { s.section, s.beside, s.tickets, s.quantity = "Floor", true, 3, 2 })}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parse(strings.Fields(test.args), func(key string) string { return map[string]string{"ONSALE_URL": test.env}[key] })
			if err != nil {
				t.Fatal(err)
			}
			if got.url != test.want.url || got.timeout != test.want.timeout || len(got.scenarios) != len(test.want.scenarios) {
				t.Fatalf("got %+v, want %+v", got, test.want)
			}
			for i, s := range got.scenarios {
				if s != test.want.scenarios[i] {
					t.Errorf("got %+v, want %+v", s, test.want.scenarios[i])
				}
			}
		})
	}
}

func TestWrongUsageExitsWithTwo(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"--nonsense":                           "flag provided but not defined: -nonsense",
		"--users many":                         `invalid value "many"`,
		"--users 0":                            "--users must be from 1 to 1000, not 0",
		"--users 1001":                         "--users must be from 1 to 1000, not 1001",
		"--tickets -1":                         "--tickets must be from 1",
		"--qty 11":                             "--qty must be from 1 to 10, not 11",
		"--section=":                           "--section must have from 1 to 80 characters",
		"--section " + strings.Repeat("é", 81): "--section must have from 1 to 80 characters",
		"--scenario none":                      `no scenario "none": there are all, groups, limited, vip`,
		"--scenario all --users 3":             "--users, --tickets, --qty and --section change one scenario, not all",
		"--url localhost:3001":                 `"localhost:3001" is no address of an API`,
		"--url http://h/?a=b":                  "is no address of an API",
		"--timeout 0s":                         "--timeout must be more than zero",
		"vip":                                  `unexpected "vip"`,
		"--users 0 --qty 0":                    "--users must be from 1 to 1000, not 0\nrace: --qty must be from 1 to 10, not 0",
	}
	for args, want := range tests {
		t.Run(args, func(t *testing.T) {
			t.Parallel()
			r := play(t.Context(), "http://127.0.0.1:1", strings.Fields(args)...)
			r.mustBe(t, exitUsage, want)
			if r.stdout != "" {
				t.Errorf("on standard output: %s", r.stdout)
			}
		})
	}
}

func TestHelpIsNoFailure(t *testing.T) {
	t.Parallel()
	r := play(t.Context(), "http://127.0.0.1:1", "--help")
	r.mustBe(t, exitPassed)
	if r.stdout != usage {
		t.Errorf("standard output: %s", r.stdout)
	}
}

func TestColoursAreForTerminalsOnly(t *testing.T) {
	t.Parallel()
	// The null device is a character device, as a terminal is.
	terminal, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer terminal.Close()
	file, err := os.Create(t.TempDir() + "/report")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	none := func(string) string { return "" }
	set := func(key, value string) func(string) string {
		return func(k string) string { return map[string]string{key: value}[k] }
	}
	for name, c := range map[string]struct{ got, want paint }{
		"a terminal":               {newPaint(terminal, none), paint{on: true}},
		"a terminal with NO_COLOR": {newPaint(terminal, set("NO_COLOR", "1")), paint{}},
		"a terminal that is dumb":  {newPaint(terminal, set("TERM", "dumb")), paint{}},
		"a file":                   {newPaint(file, none), paint{}},
		"a pipe":                   {newPaint(&bytes.Buffer{}, none), paint{}},
	} {
		if c.got != c.want {
			t.Errorf("%s: %+v, want %+v", name, c.got, c.want)
		}
	}
	if got := (paint{on: true}).red("no"); got != "\x1b[31mno\x1b[0m" {
		t.Errorf("red is %q", got)
	}
}

func TestAStrangersTextCannotDriveTheTerminal(t *testing.T) {
	t.Parallel()
	if got := printable("a\x1b[2J\nb\u202ec" + strings.Repeat("é", 300)); strings.ContainsAny(got, "\x1b\n\u202e") || len(got) > 310 {
		t.Errorf("%q", got)
	}
}
