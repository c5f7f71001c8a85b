package sale

import (
	"encoding/json"
	"errors"
	"fmt"
)

// ErrUnknownEvent says that a stored event is of a type or schema this program does not know. A reader must stop: to pass
// over it would be to invent another history.
var ErrUnknownEvent = errors.New("unknown event type")

// EventSchema is the schema under which [Encode] writes; all events are at their first.
const EventSchema int16 = 1

// Encode returns what is stored of an event beside its type.
func Encode(e Event) (json.RawMessage, error) {
	data, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode %s: %w", e.EventType(), err)
	}
	return data, nil
}

// Decode returns the event that was stored under the given type and schema, in today's shape: older schemas are upcast
// here. A field it does not know is refused like a type it does not know: a newer program has written something there.
func Decode(eventType string, schema int16, data []byte) (Event, error) {
	decode, known := decoders[eventType]
	if !known || schema != EventSchema {
		return nil, fmt.Errorf("decode %s schema %d: %w", eventType, schema, ErrUnknownEvent)
	}
	e, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("decode %s: %w", eventType, err)
	}
	return e, nil
}

var decoders = map[string]func([]byte) (Event, error){
	Opened{}.EventType():           decode[Opened],
	SeatsHeld{}.EventType():        decode[SeatsHeld],
	PaymentStarted{}.EventType():   decode[PaymentStarted],
	PaymentFailed{}.EventType():    decode[PaymentFailed],
	HoldReleased{}.EventType():     decode[HoldReleased],
	HoldExpired{}.EventType():      decode[HoldExpired],
	BookingConfirmed{}.EventType(): decode[BookingConfirmed],
	BookingCancelled{}.EventType(): decode[BookingCancelled],
	SaleClosed{}.EventType():       decode[SaleClosed],
}

func decode[E Event](data []byte) (Event, error) {
	var e E
	err := unmarshal(data, &e)
	return e, err
}
