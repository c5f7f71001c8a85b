package identity

import "golang.org/x/sys/unix"

// yieldThread lets the kernel run other threads first (sched_yield), of PostgreSQL above all. Meanwhile Go may take the processor
// from this goroutine, for it is in a system call.
func yieldThread() { _, _, _ = unix.Syscall(unix.SYS_SCHED_YIELD, 0, 0, 0) }
