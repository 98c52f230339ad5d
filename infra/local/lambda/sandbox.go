package lambda

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

// A sandbox is one process of a function: an execution environment in Lambda's
// words. It handles one invocation at a time.
type sandbox struct {
	service   *Service
	function  *function
	token     string
	logStream string

	assigned chan *invocation
	ready    chan struct{} // closed when the runtime first asks for an event
	exited   chan struct{} // closed when the process has ended and its output is read

	reaper *time.Timer // guarded by Service.mu

	mu           sync.Mutex
	process      *os.Process // nil until it is started
	output       *output
	reaped       bool // the process id may be another's by now
	killed       bool
	waiting      bool         // the runtime is asking for an event
	connection   syscall.Conn // where it waits
	current      *invocation
	initError    []byte        // what the runtime said of its failed start
	initDuration time.Duration // reported with the first invocation
	exit         string        // how the process ended
	peakMemoryMB int
	tail         []byte // the log since the invocation began
}

func (s *Service) newSandbox(fn *function) *sandbox {
	day := s.options.Now().UTC().Format("2006/01/02")
	return &sandbox{
		service: s, function: fn, token: newToken(),
		logStream: fmt.Sprintf("%s/[%s]%s", day, version, s.hexID(32)),
		assigned:  make(chan *invocation), ready: make(chan struct{}), exited: make(chan struct{}),
	}
}

// errStopping says that Close came before the process was started.
var errStopping = errors.New("the local Lambda is stopping")

// start starts the process. Whatever comes of it, exited is closed in the end.
func (sb *sandbox) start() error {
	if !sb.service.begin() {
		sb.end("stopped")
		return errStopping
	}
	process, err := sb.launch()
	if err != nil {
		sb.end("not started")
		sb.service.work.Done()
		return err
	}
	go func() {
		defer sb.service.work.Done()
		sb.wait(process)
	}()
	return nil
}

func (sb *sandbox) launch() (*exec.Cmd, error) {
	fn, s := sb.function, sb.service
	out, err := newOutput(sb.emit)
	if err != nil {
		return nil, err
	}
	// Its end is this package's to decide, not a context's.
	command := exec.CommandContext(context.Background(), fn.Command[0], fn.Command[1:]...) //nolint:gosec // G702: to run the registered function is the purpose
	command.Dir = fn.Dir
	command.Env = s.environment(fn, s.listener.Addr().String()+"/"+sb.token, sb.logStream)
	command.Stdout, command.Stderr = out.write, out.write
	command.SysProcAttr = processAttributes(s.options.Credential)
	if err := s.forker.start(command); err != nil {
		return nil, errors.Join(err, out.close())
	}
	sb.mu.Lock()
	sb.process, sb.output = command.Process, out
	killed := sb.killed
	sb.mu.Unlock()
	if killed {
		sb.kill()
	}
	return command, nil
}

// wait outlives the process, and takes with it what the process started.
func (sb *sandbox) wait(command *exec.Cmd) {
	err := command.Wait()
	sb.mu.Lock()
	sb.reaped = true
	killGroup(command.Process.Pid)
	sb.mu.Unlock()
	if err := sb.output.close(); err != nil {
		sb.complain("read the last output", err)
	}
	exit := "Runtime exited without providing a reason"
	if err != nil {
		exit = fmt.Sprintf("Runtime exited with error: %v", err)
	}
	sb.end(exit)
}

func (sb *sandbox) end(exit string) {
	sb.mu.Lock()
	sb.exit = exit
	sb.mu.Unlock()
	sb.service.forget(sb)
	close(sb.exited)
}

// kill ends the process, now or as soon as it is started.
func (sb *sandbox) kill() {
	sb.mu.Lock()
	defer sb.mu.Unlock()
	sb.killed = true
	if sb.process != nil && !sb.reaped {
		killGroup(sb.process.Pid)
	}
}

// killGroup ends a process and those that it started, by the process group that
// it leads.
func killGroup(leader int) {
	_ = syscall.Kill(-leader, syscall.SIGKILL) // they may all have ended already
}

// drain waits for what the process has written so far.
func (sb *sandbox) drain() {
	sb.mu.Lock()
	out := sb.output
	sb.mu.Unlock()
	if out != nil {
		out.drain()
	}
}

// measure notes the process's peak memory while it can be read.
func (sb *sandbox) measure() {
	sb.mu.Lock()
	defer sb.mu.Unlock()
	if sb.process == nil || sb.reaped {
		return
	}
	if peak, ok := peakMemoryMB(sb.process.Pid); ok {
		sb.peakMemoryMB = peak
	}
}
