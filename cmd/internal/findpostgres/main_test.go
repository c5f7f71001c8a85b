package main

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
)

func TestWhatIsMissingHasAnExitCodeOfItsOwn(t *testing.T) {
	var stderr bytes.Buffer
	if code := run(t.TempDir(), &stderr); code != exitMissing || !strings.Contains(stderr.String(), "ONSALE_POSTGRES_BIN") {
		t.Errorf("exit code %d, want %d\n%s", code, exitMissing, &stderr)
	}
}

func TestWhatCannotBeFoundOutIsAFailure(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	t.Setenv("TMPDIR", nowhere)
	var stderr bytes.Buffer
	if code := run(t.TempDir(), &stderr); code != exitFailed || !strings.Contains(stderr.String(), nowhere) {
		t.Errorf("exit code %d, want %d\n%s", code, exitFailed, &stderr)
	}
}
