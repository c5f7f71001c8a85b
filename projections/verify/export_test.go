package verify

import (
	"context"
	"errors"
)

// OpenBehind opens everything of the instant before meanwhile, after it, and reports whether it noticed that tables were
// replaced.
func OpenBehind(ctx context.Context, url string, meanwhile func()) (replaced bool, err error) {
	v := &verification{session: &session{url: url}, report: newReport()}
	defer v.close()
	log, err := v.begin(ctx)
	if err != nil {
		return false, err
	}
	meanwhile()
	err = v.open(ctx, log)
	if errors.Is(err, errReplaced) {
		return true, nil
	}
	return false, err
}
