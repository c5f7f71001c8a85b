package main

import (
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"onsale/migrations/migrationstest"
)

func portOf(url string) string { return url[strings.LastIndex(url, ":")+1:] }

func TestHealthOfWhatServes(t *testing.T) {
	t.Parallel()
	p := startProgram(t, t.TempDir(), settings{"DATABASE_URL": migrationstest.Database(t)})
	web, _ := startWeb(t, p.url)
	ports := settings{"API_PORT": portOf(p.url), "WEB_PORT": portOf(web.web)}
	for _, args := range [][]string{{"health"}, {"health", "--web"}} {
		if code, stdout, stderr := runProgram(t, t.TempDir(), ports, args...); code != exitDone || stdout != "ready\n" || stderr != "" {
			t.Errorf("%v: exit code %d, %q, %q", args, code, stdout, stderr)
		}
	}
	if code, stdout, stderr := runProgram(t, t.TempDir(), settings{"WEB_PORT": portOf(p.web)}, "health", "--web"); code != exitDone || stdout != "ready\n" {
		t.Errorf("serve has no dashboard to ask: exit code %d, %q, %q", code, stdout, stderr)
	}
	code, stdout, stderr := runProgram(t, t.TempDir(), ports, "health", "--json")
	if told := healthTold(t, stdout); code != exitDone || stderr != "" || !told.Ready || told.URL != p.url+"/readyz" || told.Problems == nil || len(told.Problems) != 0 {
		t.Errorf("as JSON: exit code %d, %+v, %q", code, told, stderr)
	}
	p.kill()
	code, stdout, stderr = runProgram(t, t.TempDir(), ports, "health", "--json")
	if told := healthTold(t, stdout); code != exitFailed || told.Ready || len(told.Problems) != 1 || stderr != "onsale: not ready: "+told.Problems[0]+"\n" {
		t.Errorf("as JSON when the API is gone: exit code %d, %+v, %q", code, told, stderr)
	}
	for command, want := range map[string]int{"health": exitFailed, "health --web": exitDone} {
		code, stdout, stderr := runProgram(t, t.TempDir(), ports, strings.Fields(command)...)
		if code != want || strings.Count(stdout+stderr, "\n") != 1 {
			t.Errorf("%s when the API is gone: exit code %d, %q, %q", command, code, stdout, stderr)
		}
	}
}

func healthTold(t *testing.T, text string) (told healthReport) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &told); err != nil {
		t.Fatalf("%v: %q", err, text)
	}
	return told
}

func TestHealthNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		status int
		body   string
		want   string // of the error; empty: ready
	}{
		"everything is there":        {200, `{"status":"ready","checks":{"database":"ok"}}`, ""},
		"a failing check is named":   {503, `{"status":"not_ready","checks":{"replica":"ok","database":"failing","caught_up":"failing"}}`, "not ready: caught_up is failing, database is failing"},
		"a node need not say why":    {503, `{"status":"not_ready","checks":{"database":"ok"}}`, "not ready: it answers 503 Service Unavailable"},
		"another program is no node": {200, `<html>`, "and not as Onsale does"},
		"another API is no node":     {200, `{}`, "and not as Onsale does"},
	} {
		t.Run(name, func(t *testing.T) {
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(test.status)
				_, _ = io.WriteString(w, test.body)
			}))
			defer api.Close()
			for _, asJSON := range []bool{false, true} {
				var out strings.Builder
				err := health(t.Context(), api.URL, &out, asJSON)
				if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
					t.Errorf("got %v, want %q", err, test.want)
				}
				if ready := test.want == ""; asJSON && healthTold(t, out.String()).Ready != ready || !asJSON && out.String() != map[bool]string{true: "ready\n"}[ready] {
					t.Errorf("printed %q", out.String())
				}
			}
		})
	}
}

func TestHealthNeedsAPortToAsk(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"health"}, {"health", "--web"}} {
		if code, _, stderr := runProgram(t, t.TempDir(), settings{}, args...); code != exitUsage || !strings.Contains(stderr, "_PORT: with 0") {
			t.Errorf("%v: exit code %d, %q", args, code, stderr)
		}
	}
}

func TestAPortInUseNamesTheSettingToChange(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", ":0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	for _, name := range []string{"API_PORT", "WEB_PORT", "ADMIN_PORT"} {
		code, _, stderr := runProgram(t, t.TempDir(), settings{name: portOf(l.Addr().String())}, "serve")
		if code != exitFailed || !strings.Contains(stderr, "set "+name+" to another port") {
			t.Errorf("%s: exit code %d, %q", name, code, stderr)
		}
	}
}
