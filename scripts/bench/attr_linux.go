package main

import "syscall"

// attr has a child end with us: the kernel kills it when the thread that started it ends, see begin. It gets no Ctrl-C of
// ours, for we stop it in order.
func attr() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
