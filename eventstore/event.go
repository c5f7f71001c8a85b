package eventstore

import (
	"encoding/json"
	"time"

	"github.com/google/uuid"
)

// EventData is an event as one appends it.
type EventData struct {
	// Type is the literal name under which the event is stored for ever, such as "booking.confirmed.v1".
	Type string
	// Schema is the revision of the shape of Data under that name; the reader upcasts older ones. The first is 1.
	Schema int16
	// Data is one JSON value, without the character U+0000. It is read back as an equal value, though perhaps with other
	// spacing and order of keys. It holds no personal data: a log cannot forget.
	Data json.RawMessage
	// Metadata says where the event comes from.
	Metadata Metadata
	// Value is what Data says, decoded, where this process has it at hand: an append hands it to those who follow the log, who
	// may not change it. It is not stored; an event that comes from the database has none, until it is decoded.
	Value any
}

// Metadata says where an event comes from.
type Metadata struct {
	// CommandID names the command that decided the event; it is a UUIDv7. All events of a command stand together, in one
	// append to one stream. They are numbered in their order, and the pair is unique in the log: appending a command
	// twice, or a part of it elsewhere, fails with [ErrDuplicateCommand].
	CommandID uuid.UUID `json:"-"`
	// UserID is who gave the command; zero when the system did.
	UserID uuid.UUID `json:"user,omitzero"`
	// CorrelationID is the request that caused the command, as it stands in the program's own log; may be empty.
	CorrelationID string `json:"correlation,omitempty"`
	// TraceParent is the span in which the command was given, as W3C Trace Context writes it, where that is recorded; else
	// empty. See [TraceParent].
	TraceParent string `json:"traceparent,omitempty"`
}

// RecordedEvent is an event as the log keeps it.
type RecordedEvent struct {
	// Position is the event's place in the whole log: 1, 2, 3, … without gaps.
	Position int64
	// Stream is what the event happened to, and Version the event's place in it: 1, 2, 3, … without gaps.
	Stream  uuid.UUID
	Version int64
	// RecordedAt is the database's clock at the append; it is the same for all events of one append.
	RecordedAt time.Time

	EventData
}

// A Page is a run of the log: the events that follow position After, in order and without gaps.
type Page struct {
	After  int64
	Events []RecordedEvent
}

// Through is the position of the page's last event, or After when the page is empty.
func (p Page) Through() int64 { return p.After + int64(len(p.Events)) }

// Beyond returns the part of the page that follows the given position.
func (p Page) Beyond(position int64) Page {
	if position <= p.After {
		return p
	}
	position = min(position, p.Through())
	return Page{After: position, Events: p.Events[position-p.After:]}
}

// Snapshot is a stream's state after one of its versions, in an encoding that only its owner reads. Snapshots save time;
// they may be lost at any moment.
type Snapshot struct {
	Stream   uuid.UUID
	Version  int64 // the last version that State has seen
	Position int64 // that event's position in the log
	// Last is the command of that event. A log that has another one there is not the one that State was made from.
	Last   uuid.UUID
	Schema int16 // the encoding of State
	State  []byte
}
