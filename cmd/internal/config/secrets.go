package config

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// The fewest bytes of a secret: in production as many as HS256's hash has.
const (
	minSecret            = 32
	minDevelopmentSecret = 16
)

// variety is how many different bytes a secret has at least, in production. Of 32 that are random, in hexadecimal or more, it is
// as good as never fewer.
const variety = 8

// makeOne ends the problems that a new secret solves.
const makeOne = "make one with: openssl rand -base64 48"

func (c Config) production() bool { return c.Environment == production }

func (c Config) checkSecrets() []error {
	var problems []error
	for _, secret := range []struct{ name, value string }{
		{"JWT_ACCESS_SECRET", c.AccessSecret}, {"JWT_REFRESH_SECRET", c.RefreshSecret},
	} {
		switch {
		case secret.value == "" && (c.DatabaseURL != "" || c.production()):
			problems = append(problems, fmt.Errorf("%s: is missing: at least %d random characters; %s", secret.name, minSecret, makeOne))
		case secret.value == "":
		case !c.production():
			if len(secret.value) < minDevelopmentSecret {
				problems = append(problems, fmt.Errorf("%s: is short: at least %d characters", secret.name, minDevelopmentSecret))
			}
		case isSample(secret.value):
			problems = append(problems, fmt.Errorf("%s: is the sample that everybody knows; production needs one of your own; %s", secret.name, makeOne))
		case len(secret.value) < minSecret:
			problems = append(problems, fmt.Errorf("%s: is short; production needs at least %d random characters; %s", secret.name, minSecret, makeOne))
		case different(secret.value) < variety:
			problems = append(problems, fmt.Errorf("%s: is easy to guess; production needs at least %d different characters; %s", secret.name, variety, makeOne))
		}
	}
	if c.production() && samplePassword(c.DatabaseURL) {
		problems = append(problems, errors.New("DATABASE_URL: has the sample's password, which everybody knows; production needs one of your own"))
	}
	if c.AccessSecret != "" && c.AccessSecret == c.RefreshSecret {
		problems = append(problems, errors.New("JWT_ACCESS_SECRET and JWT_REFRESH_SECRET: are the same; they must differ"))
	}
	return problems
}

// different counts the different bytes of a secret.
func different(secret string) int {
	seen := make(map[byte]bool)
	for i := range len(secret) {
		seen[secret[i]] = true
	}
	return len(seen)
}

// isSample recognises the values of .env.example and docker-compose.yml.
func isSample(secret string) bool {
	return strings.HasPrefix(secret, "your-") || strings.HasPrefix(secret, "development-only-")
}

// samplePassword recognises the database password of .env.example and docker-compose.yml, which stands in the address, or beside it
// in PGPASSWORD. What cannot be read is somebody else's to refuse.
func samplePassword(address string) bool {
	c, err := pgconn.ParseConfig(address)
	return err == nil && address != "" && c.Password == "postgres"
}

const secretsFile = "secrets.json"

// Secrets returns the secrets that sign access and refresh tokens. Those that are not set are made at random the first time
// and kept in dir, readable by its owner only.
func (c Config) Secrets(dir string) (access, refresh []byte, err error) {
	if c.AccessSecret != "" && c.RefreshSecret != "" {
		return []byte(c.AccessSecret), []byte(c.RefreshSecret), nil
	}
	kept, err := keptSecrets(filepath.Join(dir, secretsFile))
	if err != nil {
		return nil, nil, fmt.Errorf("secrets: %w", err)
	}
	if c.AccessSecret != "" {
		kept.Access = c.AccessSecret
	}
	if c.RefreshSecret != "" {
		kept.Refresh = c.RefreshSecret
	}
	return []byte(kept.Access), []byte(kept.Refresh), nil
}

type secrets struct {
	Access  string `json:"access"`
	Refresh string `json:"refresh"`
}

func keptSecrets(file string) (secrets, error) {
	var kept secrets
	text, err := os.ReadFile(file)
	switch {
	case err == nil:
		if err := json.Unmarshal(text, &kept); err != nil {
			return secrets{}, fmt.Errorf("read %s: %w", file, err)
		}
		return kept, nil
	case !errors.Is(err, fs.ErrNotExist):
		return secrets{}, err
	}
	kept = secrets{Access: rand.Text() + rand.Text(), Refresh: rand.Text() + rand.Text()}
	if text, err = json.Marshal(kept); err != nil {
		return secrets{}, err
	}
	return kept, writeWhole(file, text)
}

// writeWhole makes the file with all of its content or not at all.
func writeWhole(file string, content []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	half, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+"-*") // mode 0600
	if err != nil {
		return err
	}
	defer os.Remove(half.Name())
	_, err = half.Write(content)
	if err = errors.Join(err, half.Sync(), half.Close()); err != nil {
		return err
	}
	return os.Rename(half.Name(), file)
}
