package config_test

import (
	"testing"

	"onsale/cmd/internal/config"
)

func TestLoadWeb(t *testing.T) {
	for name, test := range map[string]struct {
		settings map[string]string
		problems []string // a part of each line; none: fine
	}{
		"nothing has to be set":                  {nil, nil},
		"the host is localhost, or an address":   {map[string]string{"LISTEN_HOST": "example.com"}, []string{`LISTEN_HOST: "example.com" is not localhost`}},
		"an API has an address":                  {map[string]string{"API_URL": "https://api.example"}, nil},
		"an address has a scheme":                {map[string]string{"API_URL": "api:3001"}, []string{`API_URL: "api:3001" is not an address`}},
		"an address has a host":                  {map[string]string{"API_URL": "http://:3001"}, []string{"API_URL:"}},
		"an address has no path":                 {map[string]string{"API_URL": "http://api:3001/api"}, []string{"API_URL:"}},
		"an address has no slash at its end":     {map[string]string{"API_URL": "http://api:3001/"}, []string{"API_URL:"}},
		"an API is spoken to by HTTP":            {map[string]string{"API_URL": "ftp://api:3001"}, []string{"API_URL:"}},
		"the secrets of the API are not missed":  {map[string]string{"APP_ENV": "production", "DATABASE_URL": "postgres://localhost/x"}, nil},
		"what a .env has for the API is its own": {map[string]string{"API_PORT": "http", "PAYMENT_DELAY": "soon"}, nil},
		"every problem is told at once": {
			map[string]string{"WEB_PORT": "http", "API_URL": "hello there", "TRUSTED_PROXIES": "10.0.0.1", "LOG_FORMAT": "xml"},
			[]string{`WEB_PORT: "http" is not a whole number`, `API_URL: "hello there"`, `TRUSTED_PROXIES: "10.0.0.1" is not a list of networks`, "LOG_FORMAT:"},
		},
		"one that cannot be read does not keep the others": {map[string]string{"TRUSTED_PROXIES": "proxy", "WEB_PORT": "65536"}, []string{"TRUSTED_PROXIES:", "WEB_PORT: 65536"}},
		"no problem repeats the password of the API":       {map[string]string{"API_URL": "http://app:hunter2@api:3001"}, []string{`API_URL: "http://app:********@api:3001"`}},
		"an environment is one of two":                     {map[string]string{"APP_ENV": "staging"}, []string{`APP_ENV: "staging"`}},
		"a port is 0 to 65535":                             {map[string]string{"WEB_PORT": "65536"}, []string{"WEB_PORT: 65536"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := config.LoadWeb(test.settings)
			wantProblems(t, err, test.problems)
		})
	}
}

func TestTheLogOfWebIsForMachinesInProduction(t *testing.T) {
	for _, test := range []struct{ environment, asked, want string }{
		{"", "", "text"}, {"development", "", "text"}, {"production", "", "json"}, {"production", "text", "text"}, {"", "json", "json"},
	} {
		c, err := config.LoadWeb(map[string]string{"APP_ENV": test.environment, "LOG_FORMAT": test.asked})
		if err != nil || c.LogFormat != test.want {
			t.Errorf("%+v: %q, %v", test, c.LogFormat, err)
		}
	}
}
