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
	tokens, err := s.issue(User{ID: uuid.New(), Role: RoleUser}, newFamily(time.Now()))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("new token", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.access.verify(tokens.Access); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("known token", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := s.Authenticate(tokens.Access); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("known token, all processors", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if _, err := s.Authenticate(tokens.Access); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
}
