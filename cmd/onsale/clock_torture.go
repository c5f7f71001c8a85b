//go:build torture

package main

import (
	"os"
	"time"
)

// clock is off by the duration in the file that ONSALE_CLOCK_OFFSET names, which may change at any moment: see
// scripts/torture. No build for use has it.
func clock() time.Time {
	text, _ := os.ReadFile(os.Getenv("ONSALE_CLOCK_OFFSET"))
	offset, _ := time.ParseDuration(string(text)) // none: on time
	return time.Now().Add(offset)
}
