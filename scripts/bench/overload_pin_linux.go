package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// allowedCores are those that we may run on.
func allowedCores() ([]int, error) {
	var set unix.CPUSet
	if err := unix.SchedGetaffinity(0, &set); err != nil {
		return nil, fmt.Errorf("sched_getaffinity: %w", err)
	}
	var cores []int
	for core := range 8 * len(set) * strconv.IntSize / 8 {
		if set.IsSet(core) {
			cores = append(cores, core)
		}
	}
	return cores, nil
}

// pin has a process, and all that it has started, run on these cores only. None: it does nothing.
func pin(pid int, cores []int) error {
	if len(cores) == 0 {
		return nil
	}
	var set unix.CPUSet
	for _, core := range cores {
		set.Set(core)
	}
	// What is started by a thread that was not pinned yet is not pinned either: once more finds it.
	for range 2 {
		family, err := familyOf(pid)
		if err != nil {
			return err
		}
		for _, p := range family {
			if err := pinThreads(p, &set); err != nil {
				return fmt.Errorf("pin process %d: %w", p, err)
			}
		}
	}
	return nil
}

// pinThreads passes over threads that have ended meanwhile.
func pinThreads(pid int, set *unix.CPUSet) error {
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*", pid))
	if err != nil {
		return err
	}
	for _, thread := range threads {
		id, err := strconv.Atoi(filepath.Base(thread))
		if err != nil {
			return err
		}
		if err := unix.SchedSetaffinity(id, set); err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	return nil
}

// familyOf is a process with all below it.
func familyOf(pid int) ([]int, error) {
	entries, err := os.ReadDir("/proc")
	if err != nil {
		return nil, err
	}
	children := make(map[int][]int)
	for _, e := range entries {
		child, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if parent, err := strconv.Atoi(procField(filepath.Join("/proc", e.Name(), "status"), "PPid")); err == nil {
			children[parent] = append(children[parent], child)
		}
	}
	family := []int{pid}
	for i := 0; i < len(family); i++ {
		family = slices.Concat(family, children[family[i]])
	}
	return family, nil
}
