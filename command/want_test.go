package command_test

import (
	"errors"
	"maps"
	"testing"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
)

// field is a want for a [sale.FieldError] of the field so named.
type field string

func (f field) Error() string { return "invalid " + string(f) }

// is reports whether err is what was wanted: by errors.Is, or, for a field, in every respect that clients see.
func is(err, want error) bool {
	if f, ok := want.(field); ok {
		invalid := (*sale.FieldError)(nil)
		return errors.As(err, &invalid) && invalid.Field == string(f)
	}
	return errors.Is(err, want)
}

func wantRefusal(t *testing.T, err, reason error, claim uuid.UUID) {
	t.Helper()
	refusal := (*sale.Refusal)(nil)
	if !errors.Is(err, reason) || !errors.As(err, &refusal) || refusal.ClaimID != claim {
		t.Errorf("error %v (%+v), want %v of claim %s", err, refusal, reason, claim)
	}
}

// wantPositionOnly wants the receipt that comes with an error.
func wantPositionOnly(t *testing.T, r command.Receipt, position int64) {
	t.Helper()
	if r.Position != position || r.Claim != (sale.Claim{}) || r.Event.ID != uuid.Nil || r.Replayed {
		t.Errorf("receipt %+v, want position %d and nothing else", r, position)
	}
}

// wantCounts wants so many errors that are the given ones, and no others.
func wantCounts(t *testing.T, errs []error, want map[error]int) {
	t.Helper()
	got := make(map[error]int)
	for _, err := range errs {
		known := false
		for reason := range want {
			if errors.Is(err, reason) {
				got[reason]++
				known = true
			}
		}
		if !known {
			t.Errorf("unexpected error %v", err)
		}
	}
	if !maps.Equal(got, want) {
		t.Errorf("errors %v, want %v", got, want)
	}
}
