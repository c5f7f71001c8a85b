package command_test

import (
	"context"
	"errors"
	"iter"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/command/sale"
	"onsale/eventstore"
)

// instantStore takes everything at once and keeps nothing: what is left is the writer itself.
type instantStore struct{ position atomic.Int64 }

func (s *instantStore) Append(_ context.Context, appends []eventstore.StreamAppend) (a eventstore.Appended, err error) {
	for _, stream := range appends {
		for i, e := range stream.Events {
			a.Recorded = append(a.Recorded, eventstore.RecordedEvent{
				Position: s.position.Add(1), Stream: stream.Stream, Version: stream.Expected + int64(i) + 1, EventData: e,
			})
		}
	}
	return a, nil
}

func (s *instantStore) Learning() (learn func([]eventstore.RecordedEvent)) {
	return func([]eventstore.RecordedEvent) {}
}

func (s *instantStore) Load(context.Context, uuid.UUID, int64) iter.Seq2[eventstore.RecordedEvent, error] {
	return func(func(eventstore.RecordedEvent, error) bool) {}
}

func (s *instantStore) LoadSnapshot(context.Context, uuid.UUID) (eventstore.Snapshot, bool, error) {
	return eventstore.Snapshot{}, false, nil
}

func (s *instantStore) ByCommand(context.Context, ...uuid.UUID) ([]eventstore.RecordedEvent, error) {
	return nil, nil
}

func (s *instantStore) SaveSnapshot(context.Context, eventstore.Snapshot) error { return nil }

// What the writer costs a command, but for the database: in a storm of refusals, where nothing else is to do.
func BenchmarkWriter(b *testing.B) {
	store := new(instantStore)
	w := command.NewWriter(store, command.WriterOptions{})
	defer w.Close()
	h := command.NewHandlers(w, store, command.Options{})
	created, err := h.CreateEvent(b.Context(), command.CreateEvent{
		Organizer: newUser(), Title: "Storm", Currency: "EUR", StartsAt: time.Now().AddDate(1, 0, 0),
		Sections: []command.SectionSpec{{Name: "Floor", Capacity: 1}}, // none on sale
	})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.SetParallelism(100)
	b.RunParallel(func(pb *testing.PB) {
		buyer := newUser()
		for pb.Next() {
			_, err := h.Book(b.Context(), command.Book{EventID: created.Event.ID, Quantity: 1, Buyer: buyer})
			if !errors.Is(err, sale.ErrSoldOut) {
				b.Fatal(err)
			}
		}
	})
}
