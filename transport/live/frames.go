package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"

	"onsale/query"
)

// request is a frame from a viewer.
type request struct {
	Type   string      `json:"type"`             // auth, subscribe or unsubscribe
	Token  string      `json:"token,omitempty"`  // auth
	Events []uuid.UUID `json:"events,omitempty"` // subscribe, unsubscribe: which
	All    bool        `json:"all,omitempty"`    // subscribe, unsubscribe: all there are and will be
}

const (
	maxFrame    = 8 << 10 // bytes
	maxEvents   = 100     // in one frame, those that are named twice counted twice
	maxWatched  = 500     // by one viewer, one by one
	snapshotMax = 200     // events in one snapshot frame
	maxBacklog  = 100     // replies not taken yet by one viewer that asks for more
)

// errManyEvents says that a frame names more events than fit in one.
var errManyEvents = errors.New("too many events in one frame")

// parse reads a frame by the rules of the API's bodies: every field by its exact name, once, and not null; ids in the one spelling that is
// given out. Events are sorted, and each is there once.
func parse(frame []byte) (r request, err error) {
	fields, err := fieldsOf(frame)
	if err != nil {
		return r, err
	}
	for name, value := range fields {
		switch name {
		case "type":
			err = json.Unmarshal(value, &r.Type)
		case "token":
			err = json.Unmarshal(value, &r.Token)
		case "all":
			err = json.Unmarshal(value, &r.All)
		case "events":
			r.Events, err = eventsOf(value)
		default:
			err = errors.New("it is no field of a request")
		}
		if err != nil {
			return r, fmt.Errorf("field %q: %w", name, err)
		}
	}
	switch {
	case r.Type == "auth" && r.Token != "" && r.Events == nil && !r.All:
	case (r.Type == "subscribe" || r.Type == "unsubscribe") && r.Token == "" && r.All != (len(r.Events) > 0):
	default:
		return r, fmt.Errorf("no such request of type %q", r.Type)
	}
	return r, nil
}

// fieldsOf splits an object into its fields, which encoding/json would also take in another case, twice, or null.
func fieldsOf(frame []byte) (map[string]json.RawMessage, error) {
	if !utf8.Valid(frame) || !json.Valid(frame) {
		return nil, errors.New("not JSON")
	}
	decoder := json.NewDecoder(bytes.NewReader(frame))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errors.Join(errors.New("not an object"), err)
	}
	fields := make(map[string]json.RawMessage, 2)
	for decoder.More() {
		token, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		name, _ := token.(string)
		if _, twice := fields[name]; twice || string(value) == "null" {
			return nil, fmt.Errorf("field %q is given twice, or null", name)
		}
		fields[name] = value
	}
	return fields, nil
}

// eventsOf reads a list of ids.
func eventsOf(value []byte) ([]uuid.UUID, error) {
	var texts []string
	if err := json.Unmarshal(value, &texts); err != nil {
		return nil, err
	}
	if len(texts) > maxEvents {
		return nil, fmt.Errorf("%w: %d, at most %d", errManyEvents, len(texts), maxEvents)
	}
	events := make([]uuid.UUID, 0, len(texts))
	for _, text := range texts {
		id, err := uuid.Parse(text)
		if err != nil || len(text) != len(uuid.Nil.String()) || id == uuid.Nil {
			return nil, errors.New("not a UUID")
		}
		events = append(events, id)
	}
	slices.SortFunc(events, func(a, b uuid.UUID) int { return bytes.Compare(a[:], b[:]) })
	return slices.Compact(events), nil
}

// response is a frame to a viewer: what it asked for, or the counts of events that changed.
type response struct {
	Type   string         `json:"type"`            // ready, snapshot, counts
	Events []query.Counts `json:"events,omitzero"` // a snapshot has them even when there are none
}

// encode makes a frame that any number of viewers can be sent.
func encode(r response) *websocket.PreparedMessage {
	text, err := json.Marshal(r)
	if err != nil {
		panic(err) // only for what JSON cannot say, and counts are numbers and ids
	}
	frame, err := websocket.NewPreparedMessage(websocket.TextMessage, text)
	if err != nil {
		panic(err) // only for a message type that does not exist
	}
	return frame
}
