package sale

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"
)

// SnapshotSchema names the encoding of [Sale.Snapshot]. A snapshot of another schema is of no use: replay the events.
//
// Schema 2 has each claim's VersionAfter, schema 3 whether the sale is closed.
const SnapshotSchema int16 = 3

var errBroken = errors.New("no sale made this snapshot")

// What a claim takes in a snapshot: at least, and with keys such as UUIDs.
const (
	claimLeast = 4*16 + 2 + 10
	claimUsual = 160
)

// description is the part of a snapshot that does not grow with the claims; it is kept as JSON. Counts are left out: they
// follow from the claims.
type description struct {
	ID      uuid.UUID `json:"id"`
	Version int64     `json:"version"`
	Opened  Opened    `json:"opened"`
	Closed  bool      `json:"closed,omitempty"`
}

// Snapshot takes the sale as it is, at the cost of one pointer a claim, and returns what encodes it: to be called later, on
// any goroutine, while the sale goes on. A fork has no snapshot.
func (s *Sale) Snapshot() (encode func() ([]byte, error)) {
	if s.claims.base != nil {
		return func() ([]byte, error) { return nil, errors.New("snapshot of a fork") }
	}
	d := description{ID: s.ID, Version: s.Version, Closed: s.Closed, Opened: Opened{
		Organizer: s.Organizer, Title: s.Title, Description: s.Description, Venue: s.Venue,
		StartsAt: s.StartsAt, TimeZone: s.TimeZone, Currency: s.Currency, At: s.OpenedAt,
	}}
	for _, section := range s.Sections {
		d.Opened.Sections = append(d.Opened.Sections, OpenedSection{
			ID: section.ID, Name: section.Name, Price: section.Price, Capacity: section.Capacity, OnSale: section.OnSale,
		})
	}
	claims := slices.AppendSeq(make([]*Claim, 0, len(s.claims.own)), maps.Values(s.claims.own))
	return func() ([]byte, error) { return d.encode(claims) }
}

func (d description) encode(claims []*Claim) ([]byte, error) {
	head, err := json.Marshal(d)
	if err != nil {
		return nil, fmt.Errorf("snapshot of %s: %w", d.ID, err)
	}
	b := make([]byte, 0, len(head)+16+len(claims)*claimUsual)
	b = appendString(b, string(head))
	b = binary.AppendUvarint(b, uint64(len(claims)))
	for _, c := range claims {
		b = c.append(b)
	}
	return b, nil
}

// Restore decodes a snapshot of schema [SnapshotSchema]. It refuses one that is damaged where it can tell: the caller
// replays the events instead.
func Restore(snapshot []byte) (*Sale, error) {
	r := reader{rest: snapshot}
	var d description
	if err := json.Unmarshal([]byte(r.string()), &d); err != nil {
		return nil, fmt.Errorf("restore a sale: %w", errors.Join(r.err, err))
	}
	s := &Sale{ID: d.ID}
	s.Evolve(d.Opened)
	s.Version, s.Closed = d.Version, d.Closed
	if err := s.restore(&r); err != nil {
		return nil, fmt.Errorf("restore sale %s: %w", d.ID, err)
	}
	return s, nil
}

func (s *Sale) restore(r *reader) error {
	count := r.uvarint()
	if count > uint64(len(r.rest)/claimLeast) {
		return errBroken
	}
	claims := make([]Claim, count)
	superseded := make(map[uuid.UUID]bool)
	s.claims.own = make(map[uuid.UUID]*Claim, count)
	s.latest.own = make(map[uuid.UUID]uuid.UUID, count)
	for i := range claims {
		c := &claims[i]
		r.claim(c)
		if s.section(c.Section) == nil || c.Quantity == 0 || c.Status < Held || c.Status > Expired {
			return errBroken
		}
		s.count(c)
		if c.previous != uuid.Nil {
			superseded[c.previous] = true
		}
	}
	buyers, found := 0, 0
	for i := range claims {
		if c := &claims[i]; !superseded[c.ID] {
			s.latest.own[c.Buyer] = c.ID
			buyers++
			if found += s.chain(c, len(claims)); found > len(claims) {
				return errBroken
			}
		}
	}
	lost := buyers != len(s.latest.own) || found != len(claims)
	twice := len(s.claims.own) != len(claims)
	oversold := slices.ContainsFunc(s.Sections, func(section Section) bool { return section.Remaining < 0 })
	if r.err != nil || len(r.rest) > 0 || twice || lost || oversold {
		return errBroken
	}
	return nil
}

// chain counts the claims that are found from a buyer's latest one, up to a limit. Each claim has to be found from one.
func (s *Sale) chain(latest *Claim, limit int) (claims int) {
	for c := latest; c != nil && c.Buyer == latest.Buyer && claims <= limit; c = s.claims.own[c.previous] {
		if claims++; c.previous == uuid.Nil {
			break
		}
	}
	return claims
}

// count adds a claim of a snapshot, whose counts are those of its claims.
func (s *Sale) count(c *Claim) {
	s.put(c)
	switch {
	case c.Pending():
		s.give(c.Seats, c.Quantity, 0)
	case c.Status == Confirmed:
		s.give(c.Seats, 0, c.Quantity)
	}
}

func (c *Claim) append(b []byte) []byte {
	b = append(b, c.ID[:]...)
	b = append(b, c.Buyer[:]...)
	b = append(b, c.Section[:]...)
	b = append(b, c.previous[:]...)
	b = append(b, byte(c.Status), byte(c.Quantity))
	b = binary.AppendVarint(b, c.Amount)
	b = binary.AppendVarint(b, int64(c.RemainingAfter))
	b = binary.AppendVarint(b, c.VersionAfter)
	for _, t := range []time.Time{c.CreatedAt, c.ExpiresAt, c.ConfirmedAt, c.CancelledAt, c.HeldUntil} {
		b = appendTime(b, t)
	}
	b = appendString(b, c.Idempotency.Key)
	return appendString(b, c.Idempotency.Fingerprint)
}

func (r *reader) claim(c *Claim) {
	r.bytes(c.ID[:])
	r.bytes(c.Buyer[:])
	r.bytes(c.Section[:])
	r.bytes(c.previous[:])
	c.Status, c.Quantity = Status(r.byte()), int(r.byte())
	c.Amount = r.varint()
	c.RemainingAfter = int(r.varint())
	c.VersionAfter = r.varint()
	for _, t := range []*time.Time{&c.CreatedAt, &c.ExpiresAt, &c.ConfirmedAt, &c.CancelledAt, &c.HeldUntil} {
		*t = r.time()
	}
	c.Idempotency.Key = r.string()
	c.Idempotency.Fingerprint = r.string()
}

func appendString(b []byte, s string) []byte {
	return append(binary.AppendUvarint(b, uint64(len(s))), s...)
}

// appendTime keeps nanoseconds; the zero time is 0.
func appendTime(b []byte, t time.Time) []byte {
	if t.IsZero() {
		return binary.AppendVarint(b, 0)
	}
	return binary.AppendVarint(b, t.UnixNano())
}

// A reader decodes what the append functions above encode. After its first failure it reads zeros.
type reader struct {
	rest []byte
	err  error
}

func (r *reader) take(n uint64) []byte {
	if r.err != nil || n > uint64(len(r.rest)) {
		r.err, r.rest = errBroken, nil
		return nil
	}
	taken := r.rest[:n]
	r.rest = r.rest[n:]
	return taken
}

func (r *reader) bytes(to []byte) { copy(to, r.take(uint64(len(to)))) }

func (r *reader) byte() byte {
	var b [1]byte
	r.bytes(b[:])
	return b[0]
}

func (r *reader) string() string { return string(r.take(r.uvarint())) }

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
		r.err, r.rest = errBroken, nil
		return
	}
	r.take(uint64(n))
}

func (r *reader) time() time.Time {
	nanos := r.varint()
	if nanos == 0 {
		return time.Time{}
	}
	return time.Unix(0, nanos).UTC()
}
