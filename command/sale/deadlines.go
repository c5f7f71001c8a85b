package sale

import (
	"bytes"
	"iter"
	"time"

	"github.com/google/uuid"
	"github.com/tidwall/btree"
)

// deadlines are the holds that have not ended, and nothing else, ordered by section and, within one, by when they run
// out. The zero deadlines are none. A fork costs the same whatever its size, and shares with its base what neither changes.
type deadlines struct {
	tree *btree.BTreeG[*Claim]
}

func (d *deadlines) add(c *Claim) {
	if d.tree == nil {
		d.tree = btree.NewBTreeGOptions(runsOutBefore, btree.Options{NoLocks: true})
	}
	d.tree.Set(c)
}

func (d *deadlines) remove(c *Claim) {
	if d.tree != nil {
		d.tree.Delete(c)
	}
}

func (d *deadlines) fork() deadlines {
	if d.tree == nil {
		return deadlines{}
	}
	return deadlines{tree: d.tree.Copy()}
}

// until yields the holds of a section that are due, the earliest first, at a cost that depends on how many are asked for.
func (d *deadlines) until(section uuid.UUID, now time.Time) iter.Seq[*Claim] {
	return func(yield func(*Claim) bool) {
		if d.tree == nil {
			return
		}
		first := &Claim{Seats: Seats{Section: section}}
		d.tree.Ascend(first, func(c *Claim) bool { return c.Section == section && c.due(now) && yield(c) })
	}
}

func runsOutBefore(a, b *Claim) bool {
	if order := bytes.Compare(a.Section[:], b.Section[:]); order != 0 {
		return order < 0
	}
	if order := a.ExpiresAt.Compare(b.ExpiresAt); order != 0 {
		return order < 0
	}
	return bytes.Compare(a.ID[:], b.ID[:]) < 0
}
