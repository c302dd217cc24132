package launch

import "syscall"

// dieWithParent has a child killed when the thread that started it ends: nobody would tell it to leave.
func dieWithParent() *syscall.SysProcAttr { return &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }
