package config

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// production is the environment that wants secrets that are secret.
const production = "production"

// check tells what is wrong, among others with what could not be read and is therefore empty: [all] leaves that out.
func (c Config) check() []error {
	problems := []error{
		isHost(c.Host),
		isPort("API_PORT", c.APIPort),
		isPort("WEB_PORT", c.WebPort),
		isPort("ADMIN_PORT", c.AdminPort),
		differ("API_PORT", c.APIPort, "WEB_PORT", c.WebPort),
		differ("API_PORT", c.APIPort, "ADMIN_PORT", c.AdminPort),
		differ("WEB_PORT", c.WebPort, "ADMIN_PORT", c.AdminPort),
		within("PAYMENT_DELAY", c.PaymentDelay, 0, maxPaymentDelay),
		within("HOLD_TTL", c.HoldTTL, time.Second, 24*time.Hour),
		isEnvironment(c.Environment),
		oneOf("RATE_LIMIT", c.RateLimit, "on", "off"),
		isLogFormat(c.LogFormat),
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

// all joins what could not be read and what is wrong with the rest. A setting of the former is not complained of a second time.
func all(unread, wrong []error) error {
	problems := slices.Clone(unread)
	for _, err := range wrong {
		if err != nil && !slices.ContainsFunc(unread, func(u error) bool { return subject(u) == subject(err) }) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// subject is the name, or the names, that a problem begins with.
func subject(problem error) string {
	name, _, _ := strings.Cut(problem.Error(), ": ")
	return name
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
		return fmt.Errorf("CORS_ORIGINS: %q is not an origin such as https://tickets.example; wildcards would let anybody's pages in", masked("CORS_ORIGINS", origin))
	}
	return nil
}

func isEnvironment(name string) error { return oneOf("APP_ENV", name, "development", production) }

func isLogFormat(format string) error {
	return oneOf("LOG_FORMAT", cmp.Or(format, "text"), "text", "json")
}

func oneOf(name, value string, choices ...string) error {
	if slices.Contains(choices, value) {
		return nil
	}
	return fmt.Errorf("%s: %q is not one of %s", name, value, strings.Join(choices, ", "))
}

func isHost(host string) error {
	if host == Localhost || isIP("LISTEN_HOST", host) == nil {
		return nil
	}
	return fmt.Errorf("LISTEN_HOST: %q is not %s for this machine only, 0.0.0.0 for all networks, or the IP address of one", host, Localhost)
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
