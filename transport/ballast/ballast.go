// Package ballast has a program's garbage collected less often.
package ballast

import (
	"math"
	"os"
	"runtime/debug"
)

// held is memory that nothing is ever written to, so that it takes none, and that the garbage collector counts as alive.
var held []byte //nolint:unused // it is of use by being there

const size = 192 << 20

// Load has the garbage of the whole process collected after the heap has grown by what is alive and 192 MB more, and not as soon as it
// has grown by what is alive: answering makes much garbage and keeps little, and a collection takes a core from those who wait. It is
// more than a percentage for that, which would have a large heap grow by twice or four times its size. GOMEMLIMIT is kept to, and who
// sets GOGC knows better. To be called once, when the program starts.
//
// The trick is Twitch's: R. McDonald, "Go memory ballast: how I learnt to stop worrying and love the heap", 2019.
func Load() {
	if os.Getenv("GOGC") != "" {
		return
	}
	held = make([]byte, size)
	if limit := debug.SetMemoryLimit(-1); limit < math.MaxInt64-size {
		debug.SetMemoryLimit(limit + size) // for the limit counts it in
	}
}
