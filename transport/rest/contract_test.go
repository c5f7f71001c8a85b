package rest

import (
	"bytes"
	"context"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/google/go-cmp/cmp"
)

func loadContract(t *testing.T) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromFile("openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestTheContractIsValidAndSoAreItsExamples(t *testing.T) {
	t.Parallel()
	if err := loadContract(t).Validate(context.Background(), openapi3.EnableExamplesValidation()); err != nil {
		t.Fatal(err)
	}
}

// upgraded is the one call of the contract that is no route of ours: transport/live answers it, beside this package.
const upgraded = "GET /live"

func TestRoutesAndContractNameTheSameCalls(t *testing.T) {
	t.Parallel()
	routed, documented := []string{upgraded}, []string(nil)
	for _, r := range routes {
		if r.path != "/docs/{asset}" { // what the documentation page is made of
			routed = append(routed, r.method+" "+r.path)
		}
	}
	for path, item := range loadContract(t).Paths.Map() {
		for method := range item.Operations() {
			documented = append(documented, method+" "+path)
		}
	}
	slices.Sort(routed)
	slices.Sort(documented)
	if diff := cmp.Diff(documented, routed); diff != "" {
		t.Errorf("openapi.yaml (-) and routes.go (+) differ:\n%s", diff)
	}
}

func TestRoutesAndContractAgreeOnWhoMayCall(t *testing.T) {
	t.Parallel()
	doc := loadContract(t)
	for _, r := range routes {
		if r.path == "/docs/{asset}" {
			continue
		}
		op := doc.Paths.Value(r.path).Operations()[r.method]
		needsAccess := op.Security == nil
		if needsAccess != (r.access == needsToken) {
			t.Errorf("%s %s: the contract wants an access token: %v, the route: %v", r.method, r.path, needsAccess, !needsAccess)
		}
		if r.access == needsToken && op.Responses.Status(http.StatusUnauthorized) == nil {
			t.Errorf("%s %s: needs a token but documents no 401", r.method, r.path)
		}
	}
}

func TestEveryCallThatNeedsWhatIsBehindTheAPIMayFindItAway(t *testing.T) {
	t.Parallel()
	doc := loadContract(t)
	for _, r := range routes {
		if r.uncapped {
			continue
		}
		away := doc.Paths.Value(r.path).Operations()[r.method].Responses.Status(http.StatusServiceUnavailable)
		if away == nil || !strings.Contains(*away.Value.Description, "`unavailable`") || away.Value.Headers["Retry-After"] == nil {
			t.Errorf("%s %s: documents no 503 `unavailable` with Retry-After", r.method, r.path)
		}
	}
}

func TestContractAndErrorTableNameTheSameCodes(t *testing.T) {
	t.Parallel()
	var documented []string
	for _, code := range loadContract(t).Components.Schemas["Problem"].Value.Properties["code"].Value.Enum {
		documented = append(documented, code.(string))
	}
	answered := []string{internal.code}
	for _, a := range answers {
		answered = append(answered, a.code)
	}
	slices.Sort(answered)
	answered = slices.Compact(answered)
	if diff := cmp.Diff(documented, answered); diff != "" {
		t.Errorf("openapi.yaml (-) and problem.go (+) differ:\n%s", diff)
	}
}

func TestACodeAlwaysHasTheSameStatusAndTitle(t *testing.T) {
	t.Parallel()
	seen := make(map[string]answer)
	for _, a := range answers {
		if first, ok := seen[a.code]; ok && (first.status != a.status || first.title != a.title) {
			t.Errorf("%s is %d %q and %d %q", a.code, first.status, first.title, a.status, a.title)
		}
		seen[a.code] = a
	}
}

func TestGeneratedTypesAreWhatTheContractGives(t *testing.T) {
	t.Parallel()
	const generator = "github.com/oapi-codegen/oapi-codegen/v2/cmd/oapi-codegen@v2.8.2"
	if out, err := exec.CommandContext(t.Context(), "go", "run", generator, "-version").CombinedOutput(); err != nil {
		t.Skipf("the generator cannot run here: %v: %s", err, out)
	}
	config, err := os.ReadFile("oapi-codegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	fresh, elsewhere := filepath.Join(folder, "openapi.gen.go"), filepath.Join(folder, "config.yaml")
	config = bytes.Replace(config, []byte("output: openapi.gen.go"), []byte("output: "+fresh), 1)
	if err := os.WriteFile(elsewhere, config, 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "go", "run", generator, "-config", elsewhere, "openapi.yaml").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	want, err := os.ReadFile(fresh)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("openapi.gen.go")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("openapi.gen.go is not what openapi.yaml gives: run go generate\n%s",
			cmp.Diff(strings.Split(string(want), "\n"), strings.Split(string(got), "\n")))
	}
}
