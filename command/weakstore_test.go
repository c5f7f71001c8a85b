package command_test

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"github.com/google/uuid"

	"onsale/command"
	"onsale/eventstore"
)

var errOutage = errors.New("the log is out of reach")

// A weakStore is the log on a bad day: it fails as long as it has a fault.
type weakStore struct {
	command.Store

	mu    sync.Mutex
	fault fault
}

// A fault says what fails.
type fault struct {
	appends int   // so many appends fail; forever: all
	with    error // such is their error; nil: [errOutage]
	lost    int   // the first so many of them take place, only their answer is lost
	lookups int   // so many look-ups fail as well
}

const forever = 1 << 30

func (s *weakStore) on(store command.Store) command.Store {
	s.Store = store
	return s
}

func (s *weakStore) suffer(f fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// next counts one call down and returns the fault, if the call is to fail.
func (s *weakStore) next(calls func(*fault) *int) (fault, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.fault
	left := calls(&s.fault)
	if *left == 0 {
		return fault{}, false
	}
	*left--
	return before, true
}

func (s *weakStore) Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
	f, failing := s.next(func(f *fault) *int { return &f.appends })
	switch {
	case !failing:
		return s.Store.Append(ctx, appends)
	case f.lost > 0:
		_, lost := s.next(func(f *fault) *int { return &f.lost })
		if _, err := s.Store.Append(ctx, appends); err != nil || !lost {
			return eventstore.Appended{}, err
		}
		return eventstore.Appended{}, eventstore.ErrUnknownOutcome
	}
	return eventstore.Appended{}, cmp.Or(f.with, errOutage)
}

func (s *weakStore) ByCommand(ctx context.Context, commands ...uuid.UUID) ([]eventstore.RecordedEvent, error) {
	if _, failing := s.next(func(f *fault) *int { return &f.lookups }); failing {
		return nil, errOutage
	}
	return s.Store.ByCommand(ctx, commands...)
}

// A slowStore appends when it is not blocked.
type slowStore struct {
	command.Store

	mu   sync.Mutex
	open chan struct{} // nil: not blocked
}

func (s *slowStore) on(store command.Store) command.Store {
	s.Store = store
	return s
}

func (s *slowStore) block() (release func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.open = make(chan struct{})
	return sync.OnceFunc(func() { close(s.open) })
}

func (s *slowStore) Append(ctx context.Context, appends []eventstore.StreamAppend) (eventstore.Appended, error) {
	s.mu.Lock()
	open := s.open
	s.mu.Unlock()
	if open != nil {
		<-open
	}
	return s.Store.Append(ctx, appends)
}
