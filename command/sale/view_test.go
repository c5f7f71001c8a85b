package sale

import (
	"maps"
	"reflect"
	"slices"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/google/uuid"
)

// A saleView is all that makes a sale, in one form however it came about: as a fork or not, replayed, or restored.
type saleView struct {
	Sale      Sale
	Claims    map[uuid.UUID]Claim
	Latest    map[uuid.UUID]uuid.UUID
	Deadlines []Claim
}

func view(s *Sale) saleView {
	v := saleView{Sale: *s, Claims: map[uuid.UUID]Claim{}, Latest: map[uuid.UUID]uuid.UUID{}}
	v.Sale.Sections = slices.Clone(s.Sections)
	v.Sale.claims, v.Sale.latest, v.Sale.deadlines = forkable[uuid.UUID, *Claim]{}, forkable[uuid.UUID, uuid.UUID]{}, deadlines{}
	v.Sale.made, v.Sale.archive = nil, nil
	for i := range s.archive.len() {
		c, _ := s.archive.claim(s.archive.key(i, atID))
		v.Claims[c.ID] = *c
		v.Latest[c.Buyer], _ = s.archive.newest(c.Buyer)
	}
	maps.Copy(v.Latest, flat(&s.latest))
	for id, c := range flat(&s.claims) {
		v.Claims[id] = *c
	}
	if s.deadlines.tree != nil {
		s.deadlines.tree.Scan(func(c *Claim) bool { v.Deadlines = append(v.Deadlines, *c); return true })
	}
	return v
}

func flat[K comparable, V any](f *forkable[K, V]) map[K]V {
	if f == nil {
		return map[K]V{}
	}
	all := flat(f.base)
	maps.Copy(all, f.own)
	return all
}

// diff tells how two views differ. Most do not, which is found out faster.
func (v saleView) diff(other saleView) string {
	if reflect.DeepEqual(v, other) {
		return ""
	}
	return cmp.Diff(v, other, viewed)
}

// viewed compares what views are made of.
var viewed = cmp.Options{cmp.AllowUnexported(Claim{}), cmpopts.IgnoreUnexported(Sale{})}
