package postgres

import "syscall"

// followParent has the kernel send the child a signal when the thread that
// started it ends. The kernel means the thread, not the process: see start.
func followParent(attr *syscall.SysProcAttr, last syscall.Signal) {
	attr.Pdeathsig = last
}
