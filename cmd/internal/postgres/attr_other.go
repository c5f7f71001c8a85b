//go:build unix && !linux

package postgres

import "syscall"

// followParent does nothing here: a server whose program was killed lives on
// until the next start finds it, see stopOrphan.
func followParent(*syscall.SysProcAttr, syscall.Signal) {}
