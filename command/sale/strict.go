package sale

import (
	"bytes"
	"encoding/json"
	"errors"
	"sync"
)

// errNoObject says that what is stored of an event is not one JSON object.
var errNoObject = errors.New("not one JSON object")

// A strict decodes one JSON object after the other and refuses fields that are not of their type. It is kept for the next
// event: to make a decoder costs as much as to decode an event.
type strict struct {
	input bytes.Reader
	*json.Decoder
}

var stricts = sync.Pool{New: func() any {
	s := new(strict)
	s.Decoder = json.NewDecoder(&s.input)
	s.DisallowUnknownFields()
	return s
}}

// unmarshal fills into from data, which has to be one JSON object without fields that into does not have.
func unmarshal(data []byte, into any) error {
	if data = bytes.TrimSpace(data); len(data) == 0 || data[0] != '{' {
		return errNoObject
	}
	s := stricts.Get().(*strict)
	s.input.Reset(data)
	began := s.InputOffset()
	if err := s.Decode(into); err != nil {
		return err // and the decoder is of no more use
	}
	if s.InputOffset()-began != int64(len(data)) {
		return errNoObject
	}
	s.input.Reset(nil)
	stricts.Put(s)
	return nil
}
