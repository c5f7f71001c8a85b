package config

import (
	"fmt"
	"net/netip"
	"net/url"
)

// Web is what can be set for a program that serves only the dashboard, and passes calls on to an API elsewhere.
type Web struct {
	// Host is as [Config] has it.
	Host string `env:"LISTEN_HOST" envDefault:"localhost"`
	// Port is where the dashboard is served, with the API below /api. 0 picks a free one.
	Port int `env:"WEB_PORT" envDefault:"3000"`
	// APIURL is the address of the API: scheme, host and port.
	APIURL string `env:"API_URL" envDefault:"http://localhost:3001"`
	// TrustedProxies are the networks whose X-Forwarded-For is passed on to the API. That of anybody else is dropped.
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES"`
	// Environment is that of the API.
	Environment string `env:"APP_ENV" envDefault:"development"`
	// LogFormat is text or json. Empty: json in production, text otherwise.
	LogFormat string `env:"LOG_FORMAT"`
}

// LoadWeb makes the configuration of settings as [Load] does.
func LoadWeb(settings map[string]string) (Web, error) {
	c, unread := read[Web](settings)
	problems := all(unread, []error{
		isHost(c.Host), isPort("WEB_PORT", c.Port), isAddress("API_URL", c.APIURL), isEnvironment(c.Environment), isLogFormat(c.LogFormat),
	})
	c.LogFormat = logFormat(c.LogFormat, c.Environment)
	return c, problems
}

func isAddress(name, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Scheme+"://"+u.Host != address {
		return fmt.Errorf("%s: %q is not an address such as http://api:3001", name, masked(name, address))
	}
	return nil
}
