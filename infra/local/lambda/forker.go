package lambda

import (
	"os/exec"
	"runtime"
)

// A forker starts processes from one operating system thread that lives as long
// as it does. Linux sends the signal of SysProcAttr.Pdeathsig when the thread that
// forked ends (prctl(2), PR_SET_PDEATHSIG), and Go ends threads at will.
type forker struct {
	commands chan *exec.Cmd
	results  chan error
}

func newForker() *forker {
	f := &forker{commands: make(chan *exec.Cmd), results: make(chan error)}
	go func() {
		runtime.LockOSThread() // never unlocked: the thread ends with this goroutine
		for command := range f.commands {
			command.SysProcAttr.Setpgid = true
			f.results <- command.Start()
		}
	}()
	return f
}

// start starts a command as the leader of a process group of its own.
func (f *forker) start(command *exec.Cmd) error {
	f.commands <- command
	return <-f.results
}

// stop ends the thread. No process may be left, and none may be started.
func (f *forker) stop() { close(f.commands) }
