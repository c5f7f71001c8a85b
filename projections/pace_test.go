package projections

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func TestPagesArePaced(t *testing.T) {
	t.Parallel()
	const pace = 50 * time.Millisecond
	for name, test := range map[string]struct {
		meanwhile func(ctx context.Context, r *Runner)
		waits     time.Duration
	}{
		"while nobody waits for it": {func(context.Context, *Runner) {}, pace},
		"hardly when somebody waits already": {func(ctx context.Context, r *Runner) {
			go r.CatchUp(ctx, 101, "paced")
			synctest.Wait()
		}, awaitedPace},
		"until somebody begins to wait": {func(ctx context.Context, r *Runner) {
			time.AfterFunc(pace/5, func() { r.CatchUp(ctx, 101, "paced") })
		}, pace / 5},
		"hardly when somebody begins to wait at once": {func(ctx context.Context, r *Runner) {
			time.AfterFunc(awaitedPace/5, func() { r.CatchUp(ctx, 101, "paced") })
		}, awaitedPace},
		"until somebody waits for all": {func(ctx context.Context, r *Runner) {
			time.AfterFunc(pace/5, func() { r.CatchUp(ctx, 101) })
		}, pace / 5},
		"though somebody waits for another": {func(ctx context.Context, r *Runner) {
			go r.CatchUp(ctx, 101, "other")
			synctest.Wait()
		}, pace},
		"though somebody waits for what is there": {func(ctx context.Context, r *Runner) {
			go r.CatchUp(ctx, 100, "paced")
			synctest.Wait()
		}, pace},
		"though somebody had waited": {func(ctx context.Context, r *Runner) {
			ctx, cancel := context.WithCancel(ctx)
			go r.CatchUp(ctx, 101, "paced")
			synctest.Wait()
			cancel()
			synctest.Wait()
		}, pace},
		"not when the next page was read for another": {func(ctx context.Context, r *Runner) {
			if _, err := r.feed.ReadAfter(ctx, 95, 10); err != nil {
				panic(err)
			}
		}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer synctest.Wait()
				defer cancel()
				paced := Projection{Name: "paced", Pace: pace}
				progress := newProgress([]Projection{paced, {Name: "other"}})
				progress.set("paced", 100)
				progress.set("other", 100)
				r := &Runner{progress: progress, feed: newFeed(newPages(1000), progress)}
				test.meanwhile(ctx, r)
				start := time.Now()
				r.pace(ctx, paced, 100)
				if waited := time.Since(start); waited != test.waits {
					t.Errorf("waited %s; want %s", waited, test.waits)
				}
			})
		})
	}
}

func TestANodeLooksWhereTheOthersAreOnceItWasBeatenToAPage(t *testing.T) {
	t.Parallel()
	progress := newProgress([]Projection{{Name: "a"}, {Name: "b"}})
	if progress.isShared("a") {
		t.Error("shared from the beginning")
	}
	progress.shared("a", true)
	for n := range undisturbedPages {
		if !progress.isShared("a") {
			t.Errorf("alone after %d pages undisturbed", n)
		}
		progress.shared("a", false)
	}
	if progress.isShared("a") {
		t.Errorf("still shared after %d pages undisturbed", undisturbedPages)
	}
	progress.shared("a", true)
	if progress.isShared("b") {
		t.Error("another projection is shared too")
	}
}
