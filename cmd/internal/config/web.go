package config

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
)

// Web is what can be set for a program that serves only the dashboard, and passes calls on to an API elsewhere.
type Web struct {
	// Port is where the dashboard is served, with the API below /api. 0 picks a free one.
	Port int `env:"WEB_PORT" envDefault:"3000"`
	// APIURL is the address of the API: scheme, host and port.
	APIURL string `env:"API_URL" envDefault:"http://localhost:3001"`
	// TrustedProxies are the networks whose X-Forwarded-For is passed on to the API. That of anybody else is dropped.
	TrustedProxies []netip.Prefix `env:"TRUSTED_PROXIES"`
	// LogFormat is text or json.
	LogFormat string `env:"LOG_FORMAT" envDefault:"text"`
}

// LoadWeb makes the configuration of settings as [Load] does.
func LoadWeb(settings map[string]string) (Web, error) {
	c, problems := read[Web](settings)
	if problems == nil {
		problems = []error{isPort("WEB_PORT", c.Port)}
	}
	return c, errors.Join(append(problems, isAddress("API_URL", c.APIURL), oneOf("LOG_FORMAT", c.LogFormat, "text", "json"))...)
}

func isAddress(name, address string) error {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.Scheme+"://"+u.Host != address {
		return fmt.Errorf("%s: %q is not an address such as http://api:3001", name, address)
	}
	return nil
}
