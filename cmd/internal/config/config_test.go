package config_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"onsale/cmd/internal/config"
)

func TestLoad(t *testing.T) {
	const long, longer = "thirty-two characters of a secret", "forty characters of another secret, by now"
	for name, test := range map[string]struct {
		settings map[string]string
		problems []string // a part of each line; none: fine
	}{
		"nothing has to be set":              {nil, nil},
		"an empty setting counts as not set": {map[string]string{"API_PORT": "", "PAYMENT_DELAY": " "}, nil},
		"every problem is told at once": {
			map[string]string{"CORS_ORIGINS": "*", "DATABASE_URL": "hello there", "JWT_ACCESS_SECRET": long, "JWT_REFRESH_SECRET": longer, "API_PORT": "http", "PAYMENT_DELAY": "soon", "APP_ENV": "staging", "RATE_LIMIT": "maybe", "LOG_FORMAT": "xml"},
			[]string{`API_PORT: "http" is not a whole number`, `PAYMENT_DELAY: "soon" is not a duration`, "APP_ENV:", "RATE_LIMIT:", "LOG_FORMAT:", "CORS_ORIGINS:", "DATABASE_URL:"},
		},
		"one that cannot be read does not keep the others": {
			map[string]string{"ADMIN_PORT": "http", "API_PORT": "65536", "PAYMENT_DELAY": "soon", "HOLD_TTL": "0s"},
			[]string{`ADMIN_PORT: "http" is not a whole number`, "API_PORT: 65536", `PAYMENT_DELAY: "soon"`, "HOLD_TTL: 0s is not within"},
		},
		"no problem repeats the password of an origin": {
			map[string]string{"CORS_ORIGINS": "https://app:hunter2@b.example"}, []string{`CORS_ORIGINS: "https://app:********@b.example"`},
		},
		"no problem repeats the password of a collector": {
			map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "ftp://app:hunter2@traces"}, []string{`OTEL_EXPORTER_OTLP_ENDPOINT: "ftp://app:********@traces"`},
		},
		"no problem repeats the key of a collector": {
			map[string]string{"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT": "ftp://traces?api_key=hunter2"}, []string{`"ftp://traces?api_key=********"`},
		},
		"a hold lasts a second at least":      {map[string]string{"HOLD_TTL": "0s"}, []string{"HOLD_TTL: 0s is not within"}},
		"an unreadable duration is told once": {map[string]string{"HOLD_TTL": "zz"}, []string{`HOLD_TTL: "zz" is not a duration`}},
		"an origin has no path":               {map[string]string{"CORS_ORIGINS": "https://a.example/,https://b.example"}, []string{`CORS_ORIGINS: "https://a.example/"`}},
		"a port is 0 to 65535":                {map[string]string{"API_PORT": "65536", "WEB_PORT": "-1"}, []string{"API_PORT: 65536", "WEB_PORT: -1"}},
		"the two ports differ":                {map[string]string{"API_PORT": "4000", "WEB_PORT": "4000"}, []string{"both are 4000"}},
		"both ports may be free ones":         {map[string]string{"API_PORT": "0", "WEB_PORT": "0"}, nil},
		"a proxy is told by its network":      {map[string]string{"TRUSTED_PROXIES": "172.16.0.0/12,fd00::/8"}, nil},
		"a proxy is not told by its name":     {map[string]string{"TRUSTED_PROXIES": "proxy"}, []string{`TRUSTED_PROXIES: "proxy" is not a list of networks`}},
		"a port is not for two things":        {map[string]string{"WEB_PORT": "3002"}, []string{"WEB_PORT and ADMIN_PORT: both are 3002"}},
		"the admin host is an address":        {map[string]string{"ADMIN_HOST": "localhost"}, []string{`ADMIN_HOST: "localhost" is not an IP address`}},
		"a collector has a scheme":            {map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "collector:4318"}, []string{"OTEL_EXPORTER_OTLP_ENDPOINT:"}},
		"traces go over HTTP":                 {map[string]string{"OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"}, []string{`OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" is not one of http/protobuf`}},
		"a payment ends in time":              {map[string]string{"PAYMENT_DELAY": "1m"}, []string{"PAYMENT_DELAY: 1m0s"}},
		"no payment takes less than 0":        {map[string]string{"PAYMENT_DELAY": "-1s"}, []string{"PAYMENT_DELAY: -1s"}},
		"a replica needs what it replicates":  {map[string]string{"QUERY_DATABASE_URL": "postgres://localhost/x"}, []string{"QUERY_DATABASE_URL: a replica needs"}},
		"a database of one's own needs secrets": {
			map[string]string{"DATABASE_URL": "postgres://localhost/x"}, []string{"JWT_ACCESS_SECRET: is missing", "JWT_REFRESH_SECRET: is missing"},
		},
		"the sample secrets do for development": {
			map[string]string{"DATABASE_URL": "postgres://localhost/x", "JWT_ACCESS_SECRET": "your-access-secret-here", "JWT_REFRESH_SECRET": "your-refresh-secret-here"}, nil,
		},
		"production refuses the sample secrets": {
			map[string]string{"APP_ENV": "production", "JWT_ACCESS_SECRET": "your-access-secret-here", "JWT_REFRESH_SECRET": "development-only-refresh-secret-of-compose"},
			[]string{"JWT_ACCESS_SECRET: is the sample", "JWT_REFRESH_SECRET: is the sample"},
		},
		"production refuses secrets that are easy to guess": {
			map[string]string{"APP_ENV": "production", "JWT_ACCESS_SECRET": strings.Repeat("0", 64), "JWT_REFRESH_SECRET": strings.Repeat("abcdefg", 9)},
			[]string{"JWT_ACCESS_SECRET: is easy to guess; production needs at least 8 different characters; make one with: openssl rand -base64 48", "JWT_REFRESH_SECRET: is easy to guess"},
		},
		"eight different characters are enough": {
			map[string]string{"APP_ENV": "production", "JWT_ACCESS_SECRET": strings.Repeat("abcdefgh", 4), "JWT_REFRESH_SECRET": longer}, nil,
		},
		"development takes them": {
			map[string]string{"JWT_ACCESS_SECRET": strings.Repeat("0", 64), "JWT_REFRESH_SECRET": strings.Repeat("1", 64)}, nil,
		},
		"the host is localhost, or an address": {map[string]string{"LISTEN_HOST": "::"}, nil},
		"the host is no other name": {
			map[string]string{"LISTEN_HOST": "x86_64-conda-linux-gnu"}, []string{`LISTEN_HOST: "x86_64-conda-linux-gnu" is not localhost for this machine only, 0.0.0.0 for all networks, or the IP address of one`},
		},
		"production refuses the sample's database password": {
			map[string]string{"APP_ENV": "production", "JWT_ACCESS_SECRET": long, "JWT_REFRESH_SECRET": longer, "DATABASE_URL": "postgresql://postgres:postgres@db:5432/onsale"},
			[]string{"DATABASE_URL: has the sample's password"},
		},
		"production takes another one": {
			map[string]string{"APP_ENV": "production", "JWT_ACCESS_SECRET": long, "JWT_REFRESH_SECRET": longer, "DATABASE_URL": "postgresql://postgres:0wn@db:5432/onsale"}, nil,
		},
		"production refuses short secrets": {
			map[string]string{"APP_ENV": "production", "JWT_ACCESS_SECRET": "short", "JWT_REFRESH_SECRET": longer}, []string{"JWT_ACCESS_SECRET: is short"},
		},
		"a secret has 16 characters anyway":    {map[string]string{"JWT_ACCESS_SECRET": "short"}, []string{"JWT_ACCESS_SECRET: is short: at least 16"}},
		"production needs secrets":             {map[string]string{"APP_ENV": "production"}, []string{"JWT_ACCESS_SECRET: is missing", "JWT_REFRESH_SECRET: is missing"}},
		"production takes long secrets":        {map[string]string{"APP_ENV": "production", "JWT_ACCESS_SECRET": long, "JWT_REFRESH_SECRET": longer}, nil},
		"the two secrets differ":               {map[string]string{"JWT_ACCESS_SECRET": long, "JWT_REFRESH_SECRET": long}, []string{"they must differ"}},
		"no problem repeats a secret to a log": {map[string]string{"APP_ENV": "production", "JWT_ACCESS_SECRET": "hunter2", "JWT_REFRESH_SECRET": longer}, []string{"JWT_ACCESS_SECRET: is short"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.Load(test.settings)
			wantProblems(t, err, test.problems)
			if err != nil && strings.Contains(err.Error(), "hunter2") {
				t.Errorf("the secret is in the error: %v", err)
			}
		})
	}
}

func TestDefaults(t *testing.T) {
	c, err := config.Load(nil)
	if err != nil {
		t.Fatal(err)
	}
	if c.Host != "localhost" || c.APIPort != 3001 || c.WebPort != 3000 || c.PaymentDelay != time.Second || c.HoldTTL != 10*time.Minute ||
		c.DataDir != ".onsale" || len(c.CORSOrigins) != 1 || c.CORSOrigins[0] != "http://localhost:3000" {
		t.Errorf("got %+v", c)
	}
}

func TestThePagesOfTheDashboardMayCall(t *testing.T) {
	c, err := config.Load(map[string]string{"WEB_PORT": "4100"})
	if err != nil || len(c.CORSOrigins) != 1 || c.CORSOrigins[0] != "http://localhost:4100" {
		t.Errorf("got %v, %v", c.CORSOrigins, err)
	}
}

func TestSecrets(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "data")
	access, refresh, err := config.Config{}.Secrets(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("secrets that are made are long and differ", func(t *testing.T) {
		if len(access) < 32 || len(refresh) < 32 || bytes.Equal(access, refresh) {
			t.Errorf("got %q and %q", access, refresh)
		}
	})
	t.Run("secrets that were made are kept", func(t *testing.T) {
		again, refreshAgain, err := config.Config{}.Secrets(dir)
		if err != nil || !bytes.Equal(again, access) || !bytes.Equal(refreshAgain, refresh) {
			t.Errorf("got %q, %q, %v", again, refreshAgain, err)
		}
	})
	t.Run("only their owner reads them", func(t *testing.T) {
		info, err := os.Stat(filepath.Join(dir, "secrets.json"))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("got %v, %v", info.Mode(), err)
		}
	})
	t.Run("a secret that is set is used", func(t *testing.T) {
		got, kept, err := config.Config{AccessSecret: "mine"}.Secrets(dir)
		if err != nil || string(got) != "mine" || !bytes.Equal(kept, refresh) {
			t.Errorf("got %q, %q, %v", got, kept, err)
		}
	})
	t.Run("a spoiled file is told and left", func(t *testing.T) {
		if err := os.WriteFile(filepath.Join(dir, "secrets.json"), []byte("{"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, _, err := (config.Config{}).Secrets(dir); err == nil {
			t.Error("no error")
		}
	})
}

func TestTheLogIsForMachinesInProduction(t *testing.T) {
	production := map[string]string{"APP_ENV": "production", "JWT_ACCESS_SECRET": "thirty-two characters of a secret", "JWT_REFRESH_SECRET": "thirty-two of another one's secret"}
	for want, settings := range map[string]map[string]string{"text": nil, "json": production} {
		if c, err := config.Load(settings); err != nil || c.LogFormat != want {
			t.Errorf("%q, %v, want %q", c.LogFormat, err, want)
		}
	}
	production["LOG_FORMAT"] = "text"
	if c, err := config.Load(production); err != nil || c.LogFormat != "text" {
		t.Errorf("LOG_FORMAT=text gives %q, %v", c.LogFormat, err)
	}
}

func TestTracesAreOffUntilThereIsSomewhereToSendThem(t *testing.T) {
	for _, name := range []string{"", "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"} {
		c, err := config.Load(map[string]string{name: "http://localhost:4318"})
		if err != nil || c.Traces() != (name != "") {
			t.Errorf("%q: %t, %v", name, c.Traces(), err)
		}
	}
}

func TestWhatTheFileSaysOfTracesReachesTheLibrary(t *testing.T) {
	t.Chdir(t.TempDir())
	t.Setenv("OTEL_TRACES_SAMPLER", "always_off")
	t.Setenv("OTEL_SERVICE_NAME", "") // so that it is put back
	os.Unsetenv("OTEL_SERVICE_NAME")
	if err := os.WriteFile(".env", []byte("OTEL_SERVICE_NAME=sales\nOTEL_TRACES_SAMPLER=always_on\nONSALE_TEST_ONLY=1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	settings, err := config.Environ()
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"OTEL_SERVICE_NAME": "sales", "OTEL_TRACES_SAMPLER": "always_off"} {
		if os.Getenv(name) != want || settings[name] != want {
			t.Errorf("%s is %q, and %q among the settings, want %q", name, os.Getenv(name), settings[name], want)
		}
	}
	if _, found := os.LookupEnv("ONSALE_TEST_ONLY"); found {
		t.Error("what is ours was put into the environment too")
	}
}

// wantProblems wants an error of exactly these problems, a line each.
func wantProblems(t *testing.T, err error, problems []string) {
	t.Helper()
	var lines []string
	if err != nil {
		lines = strings.Split(err.Error(), "\n")
	}
	if len(lines) != len(problems) {
		t.Fatalf("got %d problems, want %d:\n%v", len(lines), len(problems), err)
	}
	for _, problem := range problems {
		if !strings.Contains(err.Error(), problem) {
			t.Errorf("%q is missing in:\n%v", problem, err)
		}
	}
}
