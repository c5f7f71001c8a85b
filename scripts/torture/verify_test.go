package main

import "testing"

func TestWhatVerifySaysIsTakenByItsReportAndItsExitCode(t *testing.T) {
	t.Parallel()
	const broken = `"checks": [{"name": "versions", "promise": "none is missing", "broken": 2, "first": [{"position": 7}]}]`
	for name, row := range map[string]struct {
		out   string
		exit  int
		found int
		fails bool
	}{
		"clean":                            {`{"clean": true, "checks": [{"name": "versions", "broken": 0}]}`, 0, 0, false},
		"clean but for a warning":          {`{"clean": true, "checks": [{"name": "versions", "broken": 1, "warning": true}]}`, 0, 0, false},
		"broken":                           {`{"clean": false, ` + broken + `}`, 1, 1, false},
		"not clean, and nothing is named":  {`{"clean": false, "checks": []}`, 1, 1, false},
		"an empty report":                  {`{}`, 1, 0, true},
		"an empty report of a good end":    {`{}`, 0, 0, true},
		"no report":                        {``, 1, 0, true},
		"clean by the report only":         {`{"clean": true}`, 1, 0, true},
		"clean by the exit code only":      {`{"clean": false, ` + broken + `}`, 0, 1, true},
		"clean, and yet a rule is broken":  {`{"clean": true, ` + broken + `}`, 0, 1, true},
		"killed after it has said its say": {`{"clean": false, ` + broken + `}`, -1, 1, true},
	} {
		found, err := verified([]byte(row.out), row.exit)
		if len(found) != row.found || (err != nil) != row.fails {
			t.Errorf("%s: %v, %v", name, found, err)
		}
		for _, f := range found {
			if f.By != byVerify {
				t.Errorf("%s: found by %s", name, f.By)
			}
		}
	}
}
