package sale

import (
	"container/heap"
	"iter"
	"time"

	"github.com/google/uuid"
)

// forkable is a map that forks in constant time: a fork reads through to its base and keeps its own writes to itself.
// Entries are never deleted. The zero forkable is empty.
type forkable[K comparable, V any] struct {
	base *forkable[K, V]
	own  map[K]V
}

func (f *forkable[K, V]) get(key K) (V, bool) {
	for layer := f; layer != nil; layer = layer.base {
		if v, ok := layer.own[key]; ok {
			return v, true
		}
	}
	var zero V
	return zero, false
}

func (f *forkable[K, V]) set(key K, value V) {
	if f.own == nil {
		f.own = make(map[K]V)
	}
	f.own[key] = value
}

func (f *forkable[K, V]) fork() forkable[K, V] { return forkable[K, V]{base: f} }

// deadlines orders holds by the time they run out. It may name holds that have ended or were given more time since: who
// reads it looks at the claim. A fork reads through to its base, as forkable does.
type deadlines struct {
	base *deadlines
	own  deadlineHeap
}

type deadline struct {
	at    time.Time
	claim uuid.UUID
}

func (d *deadlines) add(at time.Time, claim uuid.UUID) { heap.Push(&d.own, deadline{at, claim}) }

func (d *deadlines) fork() deadlines { return deadlines{base: d} }

// until yields the claims whose deadline is not after now, in no particular order, at a cost that depends on their number
// only.
func (d *deadlines) until(now time.Time) iter.Seq[uuid.UUID] {
	return func(yield func(uuid.UUID) bool) {
		for layer := d; layer != nil; layer = layer.base {
			if !layer.own.walk(0, now, yield) {
				return
			}
		}
	}
}

// prune forgets the earliest deadlines as long as they no longer matter, so that until stays cheap.
func (d *deadlines) prune(matters func(deadline) bool) {
	for len(d.own) > 0 && !matters(d.own[0]) {
		heap.Pop(&d.own)
	}
}

type deadlineHeap []deadline

// walk visits the part of the heap below i that is not after now: a heap's children are never earlier than it.
func (h deadlineHeap) walk(i int, now time.Time, yield func(uuid.UUID) bool) bool {
	if i >= len(h) || h[i].at.After(now) {
		return true
	}
	return yield(h[i].claim) && h.walk(2*i+1, now, yield) && h.walk(2*i+2, now, yield)
}

func (h deadlineHeap) Len() int           { return len(h) }
func (h deadlineHeap) Less(i, j int) bool { return h[i].at.Before(h[j].at) }
func (h deadlineHeap) Swap(i, j int)      { h[i], h[j] = h[j], h[i] }
func (h *deadlineHeap) Push(x any)        { *h = append(*h, x.(deadline)) }
func (h *deadlineHeap) Pop() any {
	last := len(*h) - 1
	x := (*h)[last]
	*h = (*h)[:last]
	return x
}
