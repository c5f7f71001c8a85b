package eventstore

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// A batch holds an append as the columns that append_events takes. The ids are plain arrays because pgx sends a uuid.UUID
// by way of its text, at thirty times the cost.
type batch struct {
	appends []StreamAppend
	events  int

	streams  [][16]byte
	expected []int64
	last     [][16]byte

	eventStreams   [][16]byte
	versions       []int64
	types          []string
	schemas        []int16
	data           []json.RawMessage
	metadata       []Metadata
	commandIDs     [][16]byte
	commandIndexes []int16
}

func newBatch(appends []StreamAppend) *batch {
	b := &batch{appends: appends, streams: make([][16]byte, 0, len(appends)), expected: make([]int64, 0, len(appends)), last: make([][16]byte, 0, len(appends))}
	for _, a := range appends {
		b.streams = append(b.streams, a.Stream)
		b.expected = append(b.expected, a.Expected)
		b.last = append(b.last, a.Last)
		b.events += len(a.Events)
	}
	b.eventStreams = make([][16]byte, 0, b.events)
	b.versions = make([]int64, 0, b.events)
	b.types = make([]string, 0, b.events)
	b.schemas = make([]int16, 0, b.events)
	b.data = make([]json.RawMessage, 0, b.events)
	b.metadata = make([]Metadata, 0, b.events)
	b.commandIDs = make([][16]byte, 0, b.events)
	b.commandIndexes = make([]int16, 0, b.events)
	for _, a := range appends {
		b.add(a)
	}
	return b
}

func (b *batch) add(a StreamAppend) {
	index := int16(0)
	for i, e := range a.Events {
		if i > 0 && e.Metadata.CommandID == a.Events[i-1].Metadata.CommandID {
			index++
		} else {
			index = 0
		}
		b.eventStreams = append(b.eventStreams, a.Stream)
		b.versions = append(b.versions, a.Expected+int64(i)+1)
		b.types = append(b.types, e.Type)
		b.schemas = append(b.schemas, e.Schema)
		b.data = append(b.data, e.Data)
		b.metadata = append(b.metadata, e.Metadata)
		b.commandIDs = append(b.commandIDs, e.Metadata.CommandID)
		b.commandIndexes = append(b.commandIndexes, index)
	}
}

const appendSQL = `
select first_position, recorded_at, conflict_streams, conflict_versions
  from append_events($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)`

// write calls append_events. Its errors are as they come, see outcome.
func (b *batch) write(ctx context.Context, conn *pgx.Conn) (Appended, error) {
	var (
		first     int64
		at        time.Time
		conflicts []uuid.UUID
		versions  []int64
	)
	err := conn.QueryRow(ctx, appendSQL, b.streams, b.expected,
		b.eventStreams, b.versions, b.types, b.schemas, b.data, b.metadata, b.commandIDs, b.commandIndexes, b.last,
	).Scan(&first, &at, &conflicts, &versions)
	if err != nil {
		return Appended{}, err
	}
	return b.appended(first, at, conflicts, versions), nil
}

func (b *batch) appended(first int64, at time.Time, conflicts []uuid.UUID, versions []int64) Appended {
	var a Appended
	lost := make(map[uuid.UUID]bool, len(conflicts))
	for i, stream := range conflicts {
		lost[stream] = true
		a.Conflicts = append(a.Conflicts, Conflict{Stream: stream, Version: versions[i]})
	}
	a.Recorded = make([]RecordedEvent, 0, b.events)
	for _, given := range b.appends {
		if lost[given.Stream] {
			continue
		}
		for i, e := range given.Events {
			a.Recorded = append(a.Recorded, RecordedEvent{
				Position:   first + int64(len(a.Recorded)),
				Stream:     given.Stream,
				Version:    given.Expected + int64(i) + 1,
				RecordedAt: at,
				EventData:  e,
			})
		}
	}
	return a
}
