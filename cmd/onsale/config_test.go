package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"onsale/migrations"
	"onsale/migrations/migrationstest"
)

func TestConfigTellsWhatIsInEffect(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, ".env"), []byte("HOLD_TTL=3m\nAPI_PORT=5001\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Run("in a table", func(t *testing.T) {
		code, out, stderr := runProgram(t, dir, settings{"DATABASE_URL": "postgres://app:hunter2@db/tickets"}, "config")
		for _, want := range []string{"API_PORT environment 0", "HOLD_TTL .env 3m", "APP_ENV default development", "DATABASE_URL environment postgres://app:********@db/tickets", "JWT_ACCESS_SECRET environment ********"} {
			if !strings.Contains(strings.Join(strings.Fields(out), " "), want) {
				t.Errorf("%q is missing", want)
			}
		}
		if code != 0 || stderr != "" || strings.Contains(out, "Wrong") || strings.Contains(out, "hunter2") || strings.Contains(out, "aaaa") {
			t.Errorf("exit code %d\n%s%s", code, out, stderr)
		}
	})
	t.Run("as JSON", func(t *testing.T) {
		code, out, stderr := runProgram(t, dir, settings{"RATE_LIMIT": "maybe"}, "config", "--json")
		var told struct {
			Settings []struct{ Name, Value, Source, Problem string }
			Problems []string
		}
		if err := json.Unmarshal([]byte(out), &told); err != nil || code != 1 || stderr != "onsale: some settings are wrong\n" {
			t.Fatalf("exit code %d, %v\n%s%s", code, err, out, stderr)
		}
		if len(told.Problems) != 1 || !strings.HasPrefix(told.Problems[0], "RATE_LIMIT: ") {
			t.Errorf("problems: %q", told.Problems)
		}
		for _, s := range told.Settings {
			if (s.Name == "RATE_LIMIT") != (s.Problem != "") {
				t.Errorf("%+v", s)
			}
		}
	})
	t.Run("what is wrong is told in the table too", func(t *testing.T) {
		code, out, stderr := runProgram(t, dir, settings{"PAYMENT_DELAY": "soon"}, "config")
		if code != 1 || !strings.Contains(out, "\nWrong:\n  PAYMENT_DELAY: \"soon\" is not a duration") {
			t.Errorf("exit code %d\n%s%s", code, out, stderr)
		}
	})
}

func TestMigrateAsJSON(t *testing.T) {
	t.Parallel()
	code, out, stderr := runProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)}, "migrate", "--json")
	var told struct{ Schema int32 }
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != exitDone || told.Schema != migrations.Latest() {
		t.Errorf("exit code %d, %v\n%s%s", code, err, out, stderr)
	}
}

func TestVersionAsJSON(t *testing.T) {
	t.Parallel()
	code, out, _ := runProgram(t, t.TempDir(), settings{}, "version", "--json")
	var v struct {
		Version, Go string
		Schema      int
	}
	if err := json.Unmarshal([]byte(out), &v); err != nil || code != 0 || v.Version == "" || v.Schema == 0 || !strings.HasPrefix(v.Go, "go1.") {
		t.Errorf("exit code %d, %v\n%s", code, err, out)
	}
}
