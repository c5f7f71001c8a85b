package config_test

import (
	"os"
	"reflect"
	"regexp"
	"testing"

	"onsale/cmd/internal/config"
)

// setInSample matches a setting of .env.example, one that is commented out too.
var setInSample = regexp.MustCompile(`(?m)^(?:# ?)?([A-Z][A-Z0-9_]*)=`)

// sample returns the names that .env.example has.
func sample(t *testing.T) map[string]bool {
	t.Helper()
	names := make(map[string]bool)
	for _, found := range setInSample.FindAllStringSubmatch(readRoot(t, ".env.example"), -1) {
		names[found[1]] = true
	}
	return names
}

func readRoot(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile("../../../" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheSampleNamesEverySetting(t *testing.T) {
	names := sample(t)
	for _, settings := range []reflect.Type{reflect.TypeFor[config.Config](), reflect.TypeFor[config.Web]()} {
		for field := range settings.Fields() {
			if name := field.Tag.Get("env"); name != "" && !names[name] {
				t.Errorf("%s is not in .env.example", name)
			}
		}
	}
}

func TestTheSampleNamesWhatComposeTakes(t *testing.T) {
	names := sample(t)
	text := regexp.MustCompile(`(?m)(^| )#.*$`).ReplaceAllString(readRoot(t, "docker-compose.yml"), "")
	taken := regexp.MustCompile(`\$\{([A-Z][A-Z0-9_]*)`).FindAllStringSubmatch(text, -1)
	if len(taken) < 20 {
		t.Fatalf("only %d were found", len(taken))
	}
	for _, found := range taken {
		if !names[found[1]] {
			t.Errorf("%s is not in .env.example", found[1])
		}
	}
}
