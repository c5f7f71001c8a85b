package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// A progress tells how far a long piece of work is: with a bar on a terminal, else with a line every few seconds.
type progress struct {
	to    io.Writer
	what  string // such as "rebuilding listings"
	unit  string // what is counted
	bar   bool
	began time.Time

	mu   sync.Mutex
	told time.Time
}

func newProgress(to io.Writer, what, unit string) *progress {
	p := &progress{to: to, what: what, unit: unit, bar: isTerminal(to), began: time.Now()}
	if !p.bar {
		p.told = p.began // short work is not worth a line
	}
	return p
}

// at tells that so much of the whole is done.
func (p *progress) at(done, whole int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now, pause := time.Now(), 5*time.Second
	if p.bar {
		pause = 100 * time.Millisecond
	}
	if now.Sub(p.told) < pause {
		return
	}
	p.told = now
	share := float64(done) / float64(max(whole, 1))
	rate := float64(done) / max(now.Sub(p.began).Seconds(), 0.001)
	left := time.Duration(float64(whole-done) / max(rate, 1) * float64(time.Second)).Round(time.Second)
	state := fmt.Sprintf("%3.0f %%, %d of %d %s, %.0f/s, %s left", 100*share, done, whole, p.unit, rate, left)
	if !p.bar {
		fmt.Fprintf(p.to, "%s: %s\n", p.what, state)
		return
	}
	const width = 24
	filled := min(int(share*width), width)
	fmt.Fprintf(p.to, "\r%s [%s%s] %s\x1b[K", p.what, strings.Repeat("#", filled), strings.Repeat(".", width-filled), state)
}

// end wipes the bar out.
func (p *progress) end() {
	if p.bar {
		fmt.Fprint(p.to, "\r\x1b[K")
	}
}
