// Package config reads the program's settings, once, from the environment and a .env file.
package config

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"net/url"
	"os"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/jackc/pgx/v5/pgconn"
)

// Config is all that can be set. The tags name the variables and what holds when they are not set.
type Config struct {
	// Production wants secrets that are secret.
	Environment string `env:"APP_ENV" envDefault:"development"`

	// DatabaseURL names the PostgreSQL to use. Empty: a private one in DataDir.
	DatabaseURL string `env:"DATABASE_URL"`
	// QueryDatabaseURL names a replica of it for reads. Empty: reads go to the same.
	QueryDatabaseURL string `env:"QUERY_DATABASE_URL"`
	// DataDir is where the private PostgreSQL and the secrets made for it are.
	DataDir string `env:"ONSALE_DATA" envDefault:".onsale"`
	// PostgresBin is the folder of the postgres and initdb programs. Empty: look for them.
	PostgresBin string `env:"ONSALE_POSTGRES_BIN"`

	// APIPort and WebPort are where the API, and the dashboard with the API under /api, are served. 0 picks a free one.
	APIPort int `env:"API_PORT" envDefault:"3001"`
	WebPort int `env:"WEB_PORT" envDefault:"3000"`
	// CORSOrigins are the web origins that may call the API from a browser.
	CORSOrigins []string `env:"CORS_ORIGINS"` // empty: the dashboard's, on localhost

	// TrustedProxies are the networks whose word is taken for where a request comes from, which they give in X-Forwarded-For.
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES"`

	// The secrets that sign tokens. With a private PostgreSQL they may be left out: see [Config.Secrets].
	AccessSecret  string `env:"JWT_ACCESS_SECRET"`
	RefreshSecret string `env:"JWT_REFRESH_SECRET"`

	// PaymentDelay is how long the simulated payment takes; 0: nothing is paid, a booking is one append.
	PaymentDelay time.Duration `env:"PAYMENT_DELAY" envDefault:"1s"`
	// HoldTTL is how long a hold lasts.
	HoldTTL time.Duration `env:"HOLD_TTL" envDefault:"10m"`

	// BrokerURL is a NATS server with JetStream that carries announcements between nodes. Empty: there is one node, or the
	// others are heard of by polling.
	BrokerURL string `env:"BROKER_URL"`

	// RateLimit is on or off.
	RateLimit string `env:"RATE_LIMIT" envDefault:"on"`
	// LogFormat is text or json. Empty: json in production, text otherwise.
	LogFormat string `env:"LOG_FORMAT"`

	// AdminHost and AdminPort are where metrics and profiles are served: to this machine only, unless told otherwise. The port
	// 0 picks a free one.
	AdminHost string `env:"ADMIN_HOST" envDefault:"127.0.0.1"`
	AdminPort int    `env:"ADMIN_PORT" envDefault:"3002"`

	// OTLPEndpoint is where traces are sent, by OTLP over HTTP; OTLPTracesEndpoint goes before it. Both empty: there are no
	// traces. The OpenTelemetry library reads these, and all else that OTEL_… can say, from the environment itself.
	OTLPEndpoint       string `env:"OTEL_EXPORTER_OTLP_ENDPOINT"`
	OTLPTracesEndpoint string `env:"OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"`
	OTLPProtocol       string `env:"OTEL_EXPORTER_OTLP_PROTOCOL" envDefault:"http/protobuf"`
}

// Environ returns the settings of the process: its environment, and below it the .env file in the working directory if
// there is one. What that has for the OpenTelemetry library is put into the environment, where the library looks.
func Environ() (map[string]string, error) {
	settings, err := readFile()
	if err != nil {
		return nil, err
	}
	kept := maps.Clone(settings)
	for _, setting := range os.Environ() {
		name, value, _ := strings.Cut(setting, "=")
		settings[name] = value
		delete(kept, name)
	}
	for name, value := range kept {
		if strings.HasPrefix(name, "OTEL_") {
			if err := os.Setenv(name, value); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	return settings, nil
}

// Load makes the configuration of settings, such as those of [Environ]. A setting that is empty counts as not set. The
// error tells everything that is wrong, a line each.
func Load(settings map[string]string) (Config, error) {
	c, problems := read[Config](settings)
	if problems != nil { // what could not be read would be complained of a second time
		return c, errors.Join(append(problems, c.checkReadable()...)...)
	}
	problems = append(c.checkRead(), c.checkReadable()...)
	if len(c.CORSOrigins) == 0 && c.WebPort != 0 {
		c.CORSOrigins = []string{fmt.Sprintf("http://localhost:%d", c.WebPort)}
	}
	if c.LogFormat == "" {
		c.LogFormat = "text"
		if c.production() {
			c.LogFormat = "json"
		}
	}
	return c, errors.Join(problems...)
}

// read makes a C of the settings that its tags name, or says which of them could not be read.
func read[C any](settings map[string]string) (C, []error) {
	given := make(map[string]string, len(settings))
	for name, value := range settings {
		if value = strings.TrimSpace(value); value != "" {
			given[name] = value
		}
	}
	c, err := env.ParseAsWithOptions[C](env.Options{Environment: given})
	if err != nil {
		return c, unreadable[C](err, given)
	}
	return c, nil
}

// unreadable says in plain words which settings could not be read.
func unreadable[C any](err error, given map[string]string) []error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return []error{err}
	}
	var problems []error
	for _, err := range all.Errors {
		var parse env.ParseError
		if !errors.As(err, &parse) {
			problems = append(problems, err)
			continue
		}
		field, _ := reflect.TypeFor[C]().FieldByName(parse.Name)
		want := "a whole number"
		switch parse.Type {
		case reflect.TypeFor[time.Duration]():
			want = "a duration such as 500ms, 1s or 10m"
		case reflect.TypeFor[[]netip.Prefix]():
			want = "a list of networks such as 10.1.0.0/16,192.0.2.7/32"
		}
		name := field.Tag.Get("env")
		problems = append(problems, fmt.Errorf("%s: %q is not %s", name, given[name], want))
	}
	return problems
}

// checkRead checks numbers and durations, which are only there if they could be read.
func (c Config) checkRead() []error {
	return []error{
		isPort("API_PORT", c.APIPort),
		isPort("WEB_PORT", c.WebPort),
		isPort("ADMIN_PORT", c.AdminPort),
		differ("API_PORT", c.APIPort, "WEB_PORT", c.WebPort),
		differ("API_PORT", c.APIPort, "ADMIN_PORT", c.AdminPort),
		differ("WEB_PORT", c.WebPort, "ADMIN_PORT", c.AdminPort),
		within("PAYMENT_DELAY", c.PaymentDelay, 0, maxPaymentDelay),
		within("HOLD_TTL", c.HoldTTL, time.Second, 24*time.Hour),
	}
}

// checkReadable checks texts.
func (c Config) checkReadable() []error {
	problems := []error{
		oneOf("APP_ENV", c.Environment, "development", "production"),
		oneOf("RATE_LIMIT", c.RateLimit, "on", "off"),
		oneOf("LOG_FORMAT", cmp.Or(c.LogFormat, "text"), "text", "json"),
		isIP("ADMIN_HOST", c.AdminHost),
		isCollector("OTEL_EXPORTER_OTLP_ENDPOINT", c.OTLPEndpoint),
		isCollector("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", c.OTLPTracesEndpoint),
		oneOf("OTEL_EXPORTER_OTLP_PROTOCOL", c.OTLPProtocol, "http/protobuf"),
		isDatabase("DATABASE_URL", c.DatabaseURL),
		isDatabase("QUERY_DATABASE_URL", c.QueryDatabaseURL),
		c.checkReplica(),
	}
	for _, origin := range c.CORSOrigins {
		problems = append(problems, isOrigin(origin))
	}
	return append(problems, c.checkSecrets()...)
}

// maxPaymentDelay keeps the simulated payment well within the time that a payment may take.
const maxPaymentDelay = 20 * time.Second

// isDatabase says no more than that: the address may hold a password.
func isDatabase(name, address string) error {
	if address == "" {
		return nil
	}
	if _, err := pgconn.ParseConfig(address); err != nil {
		return fmt.Errorf("%s: is not the address of a PostgreSQL, such as postgresql://user:password@localhost:5432/booking_db", name)
	}
	return nil
}

func isOrigin(origin string) error {
	u, err := url.Parse(origin)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || strings.Contains(origin, "*") || u.Scheme+"://"+u.Host != origin {
		return fmt.Errorf("CORS_ORIGINS: %q is not an origin such as https://tickets.example; wildcards would let anybody's pages in", origin)
	}
	return nil
}

func oneOf(name, value string, choices ...string) error {
	if slices.Contains(choices, value) {
		return nil
	}
	return fmt.Errorf("%s: %q is not one of %s", name, value, strings.Join(choices, ", "))
}

func isPort(name string, port int) error {
	if port < 0 || port > 65535 {
		return fmt.Errorf("%s: %d is not a port: 1 to 65535, or 0 for a free one", name, port)
	}
	return nil
}

func (c Config) checkReplica() error {
	if c.QueryDatabaseURL != "" && c.DatabaseURL == "" {
		return errors.New("QUERY_DATABASE_URL: a replica needs a DATABASE_URL that it replicates")
	}
	return nil
}

func differ(name string, port int, otherName string, other int) error {
	if port == other && port != 0 {
		return fmt.Errorf("%s and %s: both are %d", name, otherName, port)
	}
	return nil
}

func within(name string, d, least, most time.Duration) error {
	if d < least || d > most {
		return fmt.Errorf("%s: %s is not within %s and %s", name, d, least, most)
	}
	return nil
}
