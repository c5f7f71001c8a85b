package config

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/joho/godotenv"
)

// readFile returns what the .env file in the working directory sets; nothing when there is no such file. Its error does not
// repeat what is in the file, as the parser's would: there are secrets in it.
func readFile() (map[string]string, error) {
	text, err := os.ReadFile(".env")
	if errors.Is(err, fs.ErrNotExist) {
		return map[string]string{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read .env: %w", err)
	}
	settings, err := godotenv.Parse(bytes.NewReader(text))
	if err == nil {
		return settings, nil
	}
	for i, line := range strings.Split(string(text), "\n") {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' && !strings.ContainsAny(line, "=:") {
			return nil, fmt.Errorf("read .env: line %d is not NAME=value", i+1)
		}
	}
	return nil, errors.New("read .env: a line is not NAME=value, or a quote is not closed")
}
