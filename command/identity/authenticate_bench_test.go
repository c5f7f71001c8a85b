package identity

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/uuid"
)

// The hot path of every request: first seen, and seen again.
func BenchmarkAuthenticate(b *testing.B) {
	s, err := New(nil, Options{AccessSecret: bytes.Repeat([]byte("a"), 32), RefreshSecret: bytes.Repeat([]byte("r"), 32)})
	if err != nil {
		b.Fatal(err)
	}
	fresh := make([]string, 2*rememberedTokens) // so many that none is remembered when its turn comes again
	for i := range fresh {
		tokens, err := s.issue(User{ID: uuid.New(), Role: RoleUser}, newFamily(time.Now()))
		if err != nil {
			b.Fatal(err)
		}
		fresh[i] = tokens.Access
	}
	b.Run("new token", func(b *testing.B) {
		b.ReportAllocs()
		i := 0
		for b.Loop() {
			if _, err := s.Authenticate(fresh[i%len(fresh)]); err != nil {
				b.Fatal(err)
			}
			i++
		}
	})
	b.Run("known token", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Authenticate(fresh[0]); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("known token, all processors", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := s.Authenticate(fresh[0]); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
