// Package config reads the program's settings, once, from the environment and a .env file.
package config

import (
	"errors"
	"fmt"
	"maps"
	"net/netip"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
)

// Localhost is the one name that may be set where else an IP address has to be: it is always this machine.
const Localhost = "localhost"

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

	// Host is where the API and the dashboard are served: [Localhost] for this machine only, by IPv4 and by IPv6; an IP address
	// for one of its networks, of which 0.0.0.0 and :: are all.
	Host string `env:"LISTEN_HOST" envDefault:"localhost"`
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
	c, unread := read[Config](settings)
	problems := all(unread, c.check())
	if len(c.CORSOrigins) == 0 && c.WebPort != 0 {
		c.CORSOrigins = []string{fmt.Sprintf("http://localhost:%d", c.WebPort)}
	}
	c.LogFormat = logFormat(c.LogFormat, c.Environment)
	return c, problems
}

// logFormat is the format that was asked for, or else what suits who reads the log: in production a machine.
func logFormat(asked, environment string) string {
	switch {
	case asked != "":
		return asked
	case environment == production:
		return "json"
	default:
		return "text"
	}
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
