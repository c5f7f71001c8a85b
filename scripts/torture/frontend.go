package main

import (
	"bytes"
	"encoding/binary"
	"sync/atomic"
)

// readyForQuery is how a reply of PostgreSQL ends outside of a transaction.
var readyForQuery = []byte{'Z', 0, 0, 0, 5, 'I'}

// A frontend follows what a client says to PostgreSQL, as far as it takes to know when it appends.
// See https://www.postgresql.org/docs/current/protocol-message-formats.html.
type frontend struct {
	appending atomic.Bool // the statement bound last is an append

	started    bool
	head       []byte // the message's kind and length, as far as they have arrived
	body       []byte // its first bytes
	rest       int    // how many bytes of it are to come
	statements map[string]bool
}

func newFrontend() *frontend { return &frontend{statements: make(map[string]bool)} }

// enough of a message is kept to know its names and what it is about.
const enough = 4 << 10

func (f *frontend) read(chunk []byte) {
	for len(chunk) > 0 {
		if f.rest == 0 {
			n := min(f.headLength()-len(f.head), len(chunk))
			f.head, chunk = append(f.head, chunk[:n]...), chunk[n:]
			if len(f.head) < f.headLength() {
				return
			}
			f.rest = int(binary.BigEndian.Uint32(f.head[len(f.head)-4:])) - 4
		}
		n := min(f.rest, len(chunk))
		f.body = append(f.body, chunk[:min(n, max(0, enough-len(f.body)))]...)
		f.rest, chunk = f.rest-n, chunk[n:]
		if f.rest <= 0 {
			f.message()
		}
	}
}

// headLength is 5 bytes, kind and length; the first message has no kind.
func (f *frontend) headLength() int {
	if f.started {
		return 5
	}
	return 4
}

func (f *frontend) message() {
	if f.started {
		switch f.head[0] {
		case 'P': // Parse: the statement's name, its text
			name, text, _ := bytes.Cut(f.body, []byte{0})
			f.statements[string(name)] = bytes.Contains(text, []byte("append_events"))
		case 'B': // Bind: the portal's name, the statement's name
			_, statement, _ := bytes.Cut(f.body, []byte{0})
			name, _, _ := bytes.Cut(statement, []byte{0})
			f.appending.Store(f.statements[string(name)])
		}
	}
	f.started, f.head, f.body, f.rest = true, f.head[:0], f.body[:0], 0
}
