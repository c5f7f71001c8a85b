package live

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"

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
	maxEvents   = 100     // in one frame
	maxWatched  = 500     // by one viewer, one by one
	snapshotMax = 200     // events in one snapshot frame
	maxBacklog  = 100     // replies not taken yet by one viewer that asks for more
)

func parse(frame []byte) (request, error) {
	decoder := json.NewDecoder(bytes.NewReader(frame))
	decoder.DisallowUnknownFields()
	var r request
	if err := decoder.Decode(&r); err != nil {
		return r, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return r, errors.New("more than one value")
	}
	switch {
	case r.Type == "auth" && r.Token != "" && r.Events == nil && !r.All:
	case (r.Type == "subscribe" || r.Type == "unsubscribe") && r.Token == "" && r.All != (len(r.Events) > 0):
		if len(r.Events) > maxEvents {
			return r, fmt.Errorf("%d events in one frame, at most %d", len(r.Events), maxEvents)
		}
	default:
		return r, fmt.Errorf("no such request of type %q", r.Type)
	}
	return r, nil
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
