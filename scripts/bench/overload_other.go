//go:build !linux

package main

import (
	"context"
	"errors"
	"runtime"
)

func allowedCores() ([]int, error) { return make([]int, runtime.NumCPU()), nil }

// pin needs sched_setaffinity.
func pin(_ int, cores []int) error {
	if len(cores) == 0 {
		return nil
	}
	return errors.New("programs on cores of their own: on Linux only")
}

// slowViewers need sockets with a small buffer.
func slowViewers(context.Context, disturbance, func()) (map[string]float64, error) {
	return nil, errors.New("slow viewers: on Linux only")
}
