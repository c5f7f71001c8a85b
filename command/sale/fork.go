package sale

// forkable is a map that forks in constant time: a fork reads through to its base and keeps its own writes to itself.
// Entries are never deleted. The zero forkable is empty.
type forkable[K comparable, V any] struct {
	base  *forkable[K, V]
	own   map[K]V
	below func(K) (V, bool) // what was there to begin with; nil: nothing
}

func (f *forkable[K, V]) get(key K) (V, bool) {
	for layer := f; layer != nil; layer = layer.base {
		if v, ok := layer.own[key]; ok {
			return v, true
		}
		if layer.below != nil {
			return layer.below(key)
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
