// Package config reads the program's settings, once, from the environment and a .env file.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"reflect"
	"strings"
	"time"

	"github.com/caarlos0/env/v11"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/joho/godotenv"
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
	// LogFormat is text or json.
	LogFormat string `env:"LOG_FORMAT" envDefault:"text"`
}

// Environ returns the settings of the process: its environment, and below it the .env file in the working directory if
// there is one.
func Environ() (map[string]string, error) {
	settings, err := godotenv.Read()
	if errors.Is(err, fs.ErrNotExist) {
		settings = map[string]string{}
	} else if err != nil {
		return nil, fmt.Errorf("read .env: %w", err)
	}
	for _, setting := range os.Environ() {
		name, value, _ := strings.Cut(setting, "=")
		settings[name] = value
	}
	return settings, nil
}

// Load makes the configuration of settings, such as those of [Environ]. A setting that is empty counts as not set. The
// error tells everything that is wrong, a line each.
func Load(settings map[string]string) (Config, error) {
	given := make(map[string]string, len(settings))
	for name, value := range settings {
		if value = strings.TrimSpace(value); value != "" {
			given[name] = value
		}
	}
	c, err := env.ParseAsWithOptions[Config](env.Options{Environment: given})
	if err != nil { // what could not be read would be complained of a second time
		return c, errors.Join(append(unreadable(err, given), c.checkReadable()...)...)
	}
	problems := append(c.checkRead(), c.checkReadable()...)
	if len(c.CORSOrigins) == 0 && c.WebPort != 0 {
		c.CORSOrigins = []string{fmt.Sprintf("http://localhost:%d", c.WebPort)}
	}
	return c, errors.Join(problems...)
}

// unreadable says in plain words which settings could not be read.
func unreadable(err error, given map[string]string) []error {
	if err == nil {
		return nil
	}
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
		field, _ := reflect.TypeFor[Config]().FieldByName(parse.Name)
		want := "a whole number"
		if parse.Type == reflect.TypeFor[time.Duration]() {
			want = "a duration such as 500ms, 1s or 10m"
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
		differ(c.APIPort, c.WebPort),
		within("PAYMENT_DELAY", c.PaymentDelay, 0, maxPaymentDelay),
		within("HOLD_TTL", c.HoldTTL, time.Second, 24*time.Hour),
	}
}

// checkReadable checks texts.
func (c Config) checkReadable() []error {
	problems := []error{
		oneOf("APP_ENV", c.Environment, "development", "production"),
		oneOf("RATE_LIMIT", c.RateLimit, "on", "off"),
		oneOf("LOG_FORMAT", c.LogFormat, "text", "json"),
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
	for _, choice := range choices {
		if value == choice {
			return nil
		}
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

func differ(api, web int) error {
	if api == web && api != 0 {
		return fmt.Errorf("API_PORT and WEB_PORT: both are %d", api)
	}
	return nil
}

func within(name string, d, least, most time.Duration) error {
	if d < least || d > most {
		return fmt.Errorf("%s: %s is not within %s and %s", name, d, least, most)
	}
	return nil
}
