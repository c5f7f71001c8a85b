package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
)

// verifyDatabase asks the program's own verify.
func verifyDatabase(ctx context.Context, d *database, name string) ([]finding, error) {
	cmd := exec.CommandContext(ctx, d.program, "verify", "--json")
	cmd.Dir = d.dir
	cmd.Env = append(environment(), "DATABASE_URL="+d.named(name))
	out, failed := cmd.Output()
	var report struct {
		Clean  bool
		Checks []struct {
			Name, Promise string
			Broken        int
			Warning       bool
			First         []struct {
				Position        int64
				Version         int64
				Expected, Found string
			}
		}
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return nil, fmt.Errorf("verify: %w", errors.Join(failed, err))
	}
	if report.Clean {
		return nil, nil
	}
	found := []finding{}
	for _, c := range report.Checks {
		if c.Broken == 0 || c.Warning {
			continue
		}
		what := fmt.Sprintf("%s, broken %d times: %s", c.Name, c.Broken, c.Promise)
		if len(c.First) > 0 {
			first := c.First[0]
			what += fmt.Sprintf("; first at position %d: expected %s, found %s", first.Position, first.Expected, first.Found)
		}
		found = append(found, finding{byVerify, noEvent, what})
	}
	return found, nil
}
