//go:build unix && !linux

package main

import "syscall"

// attr has a child get no Ctrl-C of ours, for we stop it in order. Here it lives on when we are killed.
func attr() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
