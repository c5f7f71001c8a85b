//go:build unix && !linux

package postgres

import "testing"

func waitForEnd(*testing.T, int) {}
