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
	found, err := verified(out, cmd.ProcessState.ExitCode())
	if err != nil {
		err = fmt.Errorf("verify: %w", errors.Join(err, failed))
	}
	return found, err
}

// verified is what verify has found, by its JSON and its exit code. It is an error where these do not agree, or say nothing; what
// was named is found all the same. A database that is not clean, of which nothing is named, is a finding.
func verified(out []byte, exit int) (found []finding, err error) {
	var report struct {
		Clean  *bool
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
		return nil, fmt.Errorf("it ended with %d and no report: %w", exit, err)
	}
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
	clean := report.Clean != nil && *report.Clean
	switch {
	case report.Clean == nil:
		return found, fmt.Errorf("it ended with %d and does not say whether all is clean", exit)
	case clean && exit != 0 || !clean && exit != 1 || clean && len(found) > 0:
		return found, fmt.Errorf("it ended with %d, says clean: %t, and names %d broken rules", exit, clean, len(found))
	case !clean && len(found) == 0:
		return []finding{{byVerify, noEvent, "not clean, and nothing is named"}}, nil
	default:
		return found, nil
	}
}
