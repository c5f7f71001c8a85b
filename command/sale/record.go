package sale

import (
	"encoding/binary"
	"errors"
	"slices"
	"time"

	"github.com/google/uuid"
)

// A record is one claim in a snapshot. It begins with its id, its buyer, and two bytes that say its status and which of these
// follow it has: the claim before, the times and what they are with, the idempotency key. So a claim takes the bytes for what
// it has. A record does not depend on those around it, and is copied as it is from one snapshot to the next.

// Where in a record these are: the last if it has one.
const (
	atID       = 0
	atBuyer    = 16
	atParts    = 32
	atPrevious = 34
)

// The first bits of the two bytes are the status, and these the rest.
const (
	statusBits  = 0b111
	hasPrevious = 1 << (iota + 2)
	hasExpiry
	hasPromise
	hasConfirmation
	hasCancellation
	hasIdempotency
	unknownBits = 0xffff &^ (hasIdempotency<<1 - 1)
)

// What a record takes: at least, and usually, without the idempotency key.
const (
	recordLeast = 2*16 + 2 + 3 + 8
	recordUsual = 64
)

var (
	errBroken  = errors.New("no sale made this snapshot")
	errSection = errors.New("a claim of a section there is not")
)

// append encodes the claim.
func (c *Claim) append(b []byte, sections []uuid.UUID) ([]byte, error) {
	section := slices.Index(sections, c.Section)
	if section < 0 {
		return nil, errSection
	}
	made, parts := nanos(c.CreatedAt), c.parts()
	b = append(b, c.ID[:]...)
	b = append(b, c.Buyer[:]...)
	b = binary.LittleEndian.AppendUint16(b, parts)
	if parts&hasPrevious != 0 {
		b = append(b, c.previous[:]...)
	}
	b = binary.AppendUvarint(b, uint64(section))
	b = append(b, byte(c.Quantity))
	b = binary.AppendVarint(b, c.Amount)
	b = binary.LittleEndian.AppendUint64(b, uint64(made))
	if parts&hasExpiry != 0 {
		b = binary.AppendVarint(b, nanos(c.ExpiresAt)-made)
	}
	if parts&hasPromise != 0 {
		b = binary.AppendVarint(b, nanos(c.HeldUntil)-made)
	}
	if parts&hasConfirmation != 0 {
		b = binary.AppendVarint(b, nanos(c.ConfirmedAt)-made)
		b = binary.AppendVarint(b, int64(c.RemainingAfter))
		b = binary.AppendVarint(b, c.VersionAfter)
	}
	if parts&hasCancellation != 0 {
		b = binary.AppendVarint(b, nanos(c.CancelledAt)-made)
	}
	if parts&hasIdempotency != 0 {
		b = appendString(b, c.Idempotency.Key)
		b = appendString(b, c.Idempotency.Fingerprint)
	}
	return b, nil
}

// parts are the status and which parts the claim has.
func (c *Claim) parts() uint16 {
	parts := uint16(c.Status) & statusBits
	for _, part := range [...]struct {
		bit uint16
		has bool
	}{
		{hasPrevious, c.previous != uuid.Nil},
		{hasExpiry, !c.ExpiresAt.IsZero()},
		{hasPromise, !c.HeldUntil.IsZero()},
		{hasConfirmation, !c.ConfirmedAt.IsZero() || c.RemainingAfter != 0 || c.VersionAfter != 0},
		{hasCancellation, !c.CancelledAt.IsZero()},
		{hasIdempotency, c.Idempotency != Idempotency{}},
	} {
		if part.has {
			parts |= part.bit
		}
	}
	return parts
}

// rawIdempotency is what a record has of an [Idempotency].
type rawIdempotency struct{ key, fingerprint []byte }

func (raw rawIdempotency) setTo(c *Claim) {
	c.Idempotency = Idempotency{Key: string(raw.key), Fingerprint: string(raw.fingerprint)}
}

// claim decodes a record into a zero claim, but for its idempotency key, which it returns: to look at all claims takes no
// memory.
func (r *reader) claim(c *Claim, sections []uuid.UUID) (raw rawIdempotency) {
	c.ID, c.Buyer = r.uuid(), r.uuid()
	parts := r.uint16()
	if parts&hasPrevious != 0 {
		c.previous = r.uuid()
	}
	section := r.uvarint()
	if section >= uint64(len(sections)) || parts&unknownBits != 0 {
		r.fail()
		return raw
	}
	c.Section, c.Quantity, c.Amount = sections[section], int(r.byte()), r.varint()
	c.Status = Status(parts & statusBits)
	made := int64(r.uint64())
	c.CreatedAt = timeAt(made)
	if parts&hasExpiry != 0 {
		c.ExpiresAt = timeAt(made + r.varint())
	}
	if parts&hasPromise != 0 {
		c.HeldUntil = timeAt(made + r.varint())
	}
	if parts&hasConfirmation != 0 {
		c.ConfirmedAt = timeAt(made + r.varint())
		c.RemainingAfter, c.VersionAfter = int(r.varint()), r.varint()
	}
	if parts&hasCancellation != 0 {
		c.CancelledAt = timeAt(made + r.varint())
	}
	if parts&hasIdempotency != 0 {
		raw.key, raw.fingerprint = r.bytes(), r.bytes()
	}
	return raw
}

// nanos keeps nanoseconds; the zero time is 0.
func nanos(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixNano()
}

func timeAt(nanos int64) time.Time {
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}
