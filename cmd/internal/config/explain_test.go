package config_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"onsale/cmd/internal/config"
)

// explained explains the given environment and .env file, as the process has them.
func explained(t *testing.T, environment map[string]string, file string) config.Explanation {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, setting := range os.Environ() {
		name, _, _ := strings.Cut(setting, "=")
		t.Setenv(name, "") // so that it is put back
		os.Unsetenv(name)
	}
	for name, value := range environment {
		t.Setenv(name, value)
	}
	if file != "" {
		if err := os.WriteFile(".env", []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	e, err := config.Explain()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func setting(t *testing.T, e config.Explanation, name string) config.Setting {
	t.Helper()
	i := slices.IndexFunc(e.Settings, func(s config.Setting) bool { return s.Name == name })
	if i < 0 {
		t.Fatalf("%s is not told: %+v", name, e.Settings)
	}
	return e.Settings[i]
}

func TestEverySettingTellsWhereItComesFrom(t *testing.T) {
	e := explained(t, map[string]string{"API_PORT": "4001", "HOLD_TTL": " ", "WEB_PORT": "4000"},
		"API_PORT=5001\nHOLD_TTL=3m\nPAYMENT_DELAY=250ms\nCOLOUR=blue\n")
	if len(e.Problems) > 0 {
		t.Errorf("problems: %q", e.Problems)
	}
	for name, want := range map[string]config.Setting{
		"API_PORT":      {Value: "4001", Source: config.FromEnvironment},
		"PAYMENT_DELAY": {Value: "250ms", Source: config.FromFile},
		"HOLD_TTL":      {Value: "10m", Source: config.FromDefault}, // empty in the environment, which goes before the file
		"APP_ENV":       {Value: "development", Source: config.FromDefault},
		"LISTEN_HOST":   {Value: "localhost", Source: config.FromDefault},
		"CORS_ORIGINS":  {Value: "http://localhost:4000", Source: config.FromDefault},
		"DATABASE_URL":  {Unset: "a private PostgreSQL in ONSALE_DATA", Source: config.FromDefault},
		"API_URL":       {Value: "http://localhost:3001", Source: config.FromDefault},
	} {
		want.Name = name
		if got := setting(t, e, name); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
	}
	seen := make(map[string]bool)
	for _, s := range e.Settings {
		if seen[s.Name] || s.Name == "COLOUR" {
			t.Errorf("%s is told twice, or is none of ours", s.Name)
		}
		seen[s.Name] = true
	}
}

func TestWhatIsWrongStandsBesideTheSetting(t *testing.T) {
	e := explained(t, map[string]string{"API_PORT": "http", "RATE_LIMIT": "maybe", "API_URL": "nowhere"}, "")
	for name, want := range map[string]string{
		"API_PORT": `"http" is not a whole number`, "RATE_LIMIT": `"maybe" is not one of on, off`, "API_URL": `"nowhere" is not an address`, "WEB_PORT": "",
	} {
		if got := setting(t, e, name).Problem; !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if len(e.Problems) != 3 {
		t.Errorf("problems: %q", e.Problems)
	}
	both := explained(t, map[string]string{"API_PORT": "4000", "WEB_PORT": "4000"}, "")
	for _, name := range []string{"API_PORT", "WEB_PORT"} {
		if got := setting(t, both, name).Problem; got != "both are 4000" {
			t.Errorf("%s: %q", name, got)
		}
	}
}

// Of every one of these, hunter2 must not be seen, and what is not secret must.
func TestSecretsAreMasked(t *testing.T) {
	for name, test := range map[string]struct{ setting, value, shown string }{
		"a secret":                         {"JWT_ACCESS_SECRET", "hunter2-hunter2-hunter2", "********"},
		"a secret that is wrong":           {"JWT_REFRESH_SECRET", "hunter2", "********"},
		"a password":                       {"DATABASE_URL", "postgresql://app:hunter2@db:5432/tickets?sslmode=require", "postgresql://app:********@db:5432/tickets?sslmode=require"},
		"of several hosts":                 {"DATABASE_URL", "postgres://app:hunter2,x@a,b/tickets", "postgres://app:********@a,b/tickets"},
		"with an @ in it":                  {"DATABASE_URL", "postgres://app:p@hunter2@db/tickets", "postgres://app:********@db/tickets"},
		"with a colon in it":               {"DATABASE_URL", "postgres://app:p:hunter2@db/tickets", "postgres://app:********@db/tickets"},
		"in the parameters":                {"QUERY_DATABASE_URL", "postgres://db/tickets?user=app&password=hunter2", "postgres://db/tickets?user=app&password=********"},
		"with a key's too":                 {"DATABASE_URL", "postgres://db/tickets?sslpassword=hunter2", "postgres://db/tickets?sslpassword=********"},
		"under an escaped name":            {"DATABASE_URL", "postgres://db/tickets?p%61ssword=hunter2", "postgres://db/tickets?p%61ssword=********"},
		"in keywords":                      {"DATABASE_URL", "host=db user=app password=hunter2 dbname=tickets", "host=db user=app password=******** dbname=tickets"},
		"in keywords of any case":          {"DATABASE_URL", "host=db PASSWORD=hunter2 sslPassword='hunter2' Passfile=hunter2 user=app", "host=db PASSWORD=******** sslPassword=******** Passfile=******** user=app"},
		"in parameters of any case":        {"DATABASE_URL", "postgres://db/tickets?Passfile=hunter2&sslPassword=hunter2", "postgres://db/tickets?Passfile=********&sslPassword=********"},
		"in keywords and quotes":           {"DATABASE_URL", `host=db password = 'it\'s hunter2' user=app`, "host=db password = ******** user=app"},
		"in keywords that are broken":      {"DATABASE_URL", "host=db password='hunter2", "********"},
		"of a user only":                   {"DATABASE_URL", "postgres://app@db/hunter-two", "postgres://app@db/hunter-two"},
		"of a broker":                      {"BROKER_URL", "nats://app:hunter2@one:4222,nats://app:hunter2@two:4222", "nats://app:********@one:4222,nats://app:********@two:4222"},
		"a broker's token":                 {"BROKER_URL", "nats://hunter2@one:4222", "nats://********@one:4222"},
		"of a collector":                   {"OTEL_EXPORTER_OTLP_ENDPOINT", "https://app:hunter2@traces.example", "https://app:********@traces.example"},
		"in what is wrong":                 {"CORS_ORIGINS", "https://a.example,https://app:hunter2@b.example", "https://a.example,https://app:********@b.example"},
		"in an address that is none":       {"API_URL", "app:hunter2@api", "********"},
		"in one that would be, but quotes": {"API_URL", `http://app:"hunter2"@api`, "http://app:********@api"},
		"with a question mark in it":       {"DATABASE_URL", "postgresql://u:hunter2?er2@h:5432/db", "postgresql://********"},
		"with two of them":                 {"DATABASE_URL", "postgresql://u:a?hunter2?b@h:5432/db?sslmode=disable", "postgresql://********"},
		"with an @ in the parameters":      {"DATABASE_URL", "postgres://db/tickets?user=app&password=my@hunter2", "postgres://********"},
		"with a comma in it":               {"BROKER_URL", "nats://app:hunter2,er2@one:4222,nats://two:4222", "nats://app:********@one:4222,nats://two:4222"},
		"a key in the parameters":          {"OTEL_EXPORTER_OTLP_ENDPOINT", "https://traces.example?api_key=hunter2", "https://traces.example?api_key=********"},
		"a key of what is wrong":           {"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://traces.example?api_key=hunter2", "ftp://traces.example?api_key=********"},
		"nothing":                          {"API_URL", "http://api:3001", "http://api:3001"},
	} {
		t.Run(name, func(t *testing.T) {
			e := explained(t, map[string]string{test.setting: test.value}, "")
			if got := setting(t, e, test.setting).Value; got != test.shown {
				t.Errorf("got %q, want %q", got, test.shown)
			}
			if all, err := json.Marshal(e); err != nil || strings.Contains(string(all), "hunter2") {
				t.Errorf("the secret is told: %s, %v", all, err)
			}
		})
	}
}

func TestAFileThatCannotBeReadIsTold(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile(".env", []byte("# mine\nJWT_ACCESS_SECRET hunter2\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, explaining := config.Explain()
	_, reading := config.Environ()
	for _, err := range []error{explaining, reading} {
		if err == nil || err.Error() != "read .env: line 2 is not NAME=value" {
			t.Errorf("got %v", err)
		}
	}
}

func TestWhatIsMissingIsNotToldToBeMade(t *testing.T) {
	for want, environment := range map[string]map[string]string{
		"missing": {"DATABASE_URL": "postgres://localhost/x"}, "made, and kept in ONSALE_DATA": nil,
	} {
		e := explained(t, environment, "")
		for _, name := range []string{"JWT_ACCESS_SECRET", "JWT_REFRESH_SECRET"} {
			if got := setting(t, e, name); got.Unset != want || (got.Problem != "") != (want == "missing") {
				t.Errorf("%+v, want it %s", got, want)
			}
		}
	}
}
