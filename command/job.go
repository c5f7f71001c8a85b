package command

import (
	"fmt"
	"time"

	"github.com/google/uuid"

	"onsale/command/sale"
	"onsale/eventstore"
)

// A job is one command on its way through a loop.
type job struct {
	stream   uuid.UUID
	command  sale.Command
	metadata eventstore.Metadata

	// What deciding led to. Decided again, it is overwritten.
	events  []sale.Event
	outcome Outcome
	err     error

	attempts  int       // how often another writer was first
	uncertain bool      // it may have been appended: to be looked up before it is decided again
	since     time.Time // when it became uncertain
	found     bool      // it was looked up, and has been appended

	done chan struct{} // closed when outcome and err are final
}

// decide decides the job on the fork, evolves that, and returns what is to be appended.
func (j *job) decide(fork *sale.Sale) []eventstore.EventData {
	j.outcome = Outcome{}
	j.events, j.err = sale.Decide(fork, j.command)
	data, err := j.encode()
	if err != nil {
		j.events, j.err = nil, err
	}
	if j.err != nil {
		return nil
	}
	for _, e := range j.events {
		fork.Evolve(e)
	}
	j.outcome = Outcome{
		Claim: sale.Subject(fork, j.command), Sale: fork.Summary(), Changed: len(j.events) > 0,
	}
	return data
}

func (j *job) encode() ([]eventstore.EventData, error) {
	data := make([]eventstore.EventData, len(j.events))
	for i, e := range j.events {
		encoded, err := sale.Encode(e)
		if err != nil {
			return nil, fmt.Errorf("command %s: %w", j.metadata.CommandID, err)
		}
		data[i] = eventstore.EventData{
			Type: e.EventType(), Schema: sale.EventSchema, Data: encoded, Metadata: j.metadata, Value: e,
		}
	}
	return data, nil
}

func (j *job) finish() { close(j.done) }

func (j *job) fail(err error) {
	j.outcome, j.err = Outcome{}, err
	j.finish()
}
