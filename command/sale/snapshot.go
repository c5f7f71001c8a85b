package sale

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/google/uuid"
)

// SnapshotSchema names the encoding of [Sale.Snapshot]. A snapshot of another schema is of no use: replay the events.
//
// Schema 2 has each claim's VersionAfter, schema 3 whether the sale is closed. Schema 4 has the claims in the order in which
// they were made, in half the bytes.
const SnapshotSchema int16 = 4

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
	archive, made := s.archive, slices.Clone(s.made)
	return func() ([]byte, error) {
		snapshot, err := d.encode(archive, made)
		if err != nil {
			return nil, fmt.Errorf("snapshot of %s: %w", d.ID, err)
		}
		return snapshot, nil
	}
}

// encode encodes the claims; those that are nil are as the archive has them.
func (d description) encode(a *archive, claims []*Claim) ([]byte, error) {
	head, err := json.Marshal(d)
	if err != nil {
		return nil, err
	}
	size := len(head) + 2*binary.MaxVarintLen64
	if a != nil {
		size += len(a.snapshot)
	}
	for _, c := range claims {
		if c != nil {
			size += recordUsual + len(c.Idempotency.Key) + len(c.Idempotency.Fingerprint)
		}
	}
	b := appendString(make([]byte, 0, size), string(head))
	b = binary.AppendUvarint(b, uint64(len(claims)))
	sections := d.sections()
	for i := 0; i < len(claims); {
		if c := claims[i]; c != nil {
			if b, err = c.append(b, sections); err != nil {
				return nil, fmt.Errorf("claim %s: %w", c.ID, err)
			}
			i++
			continue
		}
		from := i
		for i < len(claims) && claims[i] == nil {
			i++
		}
		b = append(b, a.records(from, i)...)
	}
	return b, nil
}

func (d description) sections() []uuid.UUID {
	ids := make([]uuid.UUID, len(d.Opened.Sections))
	for i, section := range d.Opened.Sections {
		ids[i] = section.ID
	}
	return ids
}

// Restore decodes a snapshot of schema [SnapshotSchema]. It refuses one that is damaged where it can tell: the caller
// replays the events instead. The sale goes on using the bytes of the snapshot: they must not be changed any more.
func Restore(snapshot []byte) (*Sale, error) {
	r := reader{rest: snapshot}
	var d description
	if err := json.Unmarshal(r.bytes(), &d); err != nil {
		return nil, fmt.Errorf("restore a sale: %w", errors.Join(r.err, err))
	}
	s := &Sale{ID: d.ID}
	s.Evolve(d.Opened)
	s.Version, s.Closed = d.Version, d.Closed
	if err := s.restore(snapshot, &r, d.sections()); err != nil {
		return nil, fmt.Errorf("restore sale %s: %w", d.ID, err)
	}
	return s, nil
}

// restore reads the claims. All are looked at; only those that may run out are decoded to stay.
func (s *Sale) restore(snapshot []byte, r *reader, sections []uuid.UUID) error {
	count := r.uvarint()
	if count > uint64(len(r.rest)/recordLeast) || len(snapshot) > math.MaxUint32 {
		return errBroken
	}
	a := &archive{snapshot: snapshot, starts: make([]uint32, 0, count+1), sections: sections}
	s.made, s.claimed = make([]*Claim, count), uint32(count)
	for i := range s.made {
		a.starts = append(a.starts, uint32(len(snapshot)-len(r.rest)))
		c := Claim{number: uint32(i)}
		raw := r.claim(&c, sections)
		if r.err != nil || c.Quantity == 0 || c.Status < Held || c.Status > Expired {
			return errBroken
		}
		switch {
		case c.Pending():
			s.give(c.Seats, c.Quantity, 0)
			pending := c
			raw.setTo(&pending)
			s.put(&pending)
		case c.Status == Confirmed:
			s.give(c.Seats, 0, c.Quantity)
		}
	}
	a.starts = append(a.starts, uint32(len(snapshot)-len(r.rest)))
	oversold := slices.ContainsFunc(s.Sections, func(section Section) bool { return section.Remaining < 0 })
	if r.err != nil || len(r.rest) > 0 || oversold || !a.index() {
		return errBroken
	}
	s.archive, s.claims.below, s.latest.below = a, a.claim, a.newest
	return nil
}
