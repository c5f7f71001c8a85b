package sale

import (
	"encoding/binary"

	"github.com/google/uuid"
)

// A reader decodes a snapshot from its beginning. After its first failure it reads zeros.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) fail() { r.err, r.rest = errBroken, nil }

func (r *reader) take(n uint64) []byte {
	if n > uint64(len(r.rest)) {
		r.fail()
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

// bytes are what a string was encoded from, without a copy.
func (r *reader) bytes() []byte { return r.take(r.uvarint()) }

func (r *reader) uuid() (id uuid.UUID) {
	copy(id[:], r.take(16))
	return id
}

func (r *reader) byte() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) uint16() uint16 {
	if b := r.take(2); b != nil {
		return binary.LittleEndian.Uint16(b)
	}
	return 0
}

func (r *reader) uint64() uint64 {
	if b := r.take(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

func (r *reader) uvarint() uint64 {
	v, n := binary.Uvarint(r.rest)
	r.skip(n)
	return v
}

func (r *reader) varint() int64 {
	v, n := binary.Varint(r.rest)
	r.skip(n)
	return v
}

// skip passes over a varint of n bytes; none says that it was cut off or too long.
func (r *reader) skip(n int) {
	if n <= 0 {
		r.fail()
		return
	}
	r.rest = r.rest[n:]
}
