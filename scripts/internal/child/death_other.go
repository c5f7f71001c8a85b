//go:build unix && !linux

package child

import "syscall"

// dieWithParent does nothing where the kernel has no such service: a killed run leaves its children behind.
func dieWithParent(*syscall.SysProcAttr) {}
