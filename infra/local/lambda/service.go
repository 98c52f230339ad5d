// Package lambda stands in for AWS Lambda: each function runs as a real
// bootstrap process that asks for its events at the Lambda Runtime API (Lambda
// Developer Guide, "Using the Lambda runtime API for custom runtimes").
package lambda

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"syscall"
	"time"

	"github.com/google/uuid"

	"delfos/infra/local/logs"
)

const (
	version = "$LATEST"
	handler = "bootstrap"

	defaultConcurrency = 100
	defaultIdleTimeout = 10 * time.Minute
	stopTimeout        = 10 * time.Second
)

// Options says how functions are run. Logs must be given; other zero values have
// the defaults named here.
type Options struct {
	Region, AccountID string
	Logs              *logs.Store
	Logger            *slog.Logger        // of the stand-in's own troubles; nil means slog.Default
	Now               func() time.Time    // nil means time.Now
	NewID             func() string       // makes request ids, UUIDs as on AWS; nil means random ones
	Credential        *syscall.Credential // the user that functions run as; nil means this process's
	MaxConcurrency    int                 // the account's limit; 0 means 100
	IdleTimeout       time.Duration       // a sandbox unused for so long is stopped; 0 means 10 minutes

	// Dir is where Event invocations are kept from their acceptance to their end, for
	// Resume, made if it is missing; "" keeps them in memory.
	Dir string
	// RetryDelays are the waits before the first and the second retry of an Event
	// invocation; nil means AWS's, one and two minutes.
	RetryDelays []time.Duration
	// After times those waits; nil means time.After.
	After func(time.Duration) <-chan time.Time
	// OnAsyncFailure hears of an Event invocation that is given up; it is logged
	// in any case.
	OnAsyncFailure func(AsyncFailure)
	// Destination sends a record of a failed Event invocation, a JSON document, to
	// the queue of an ARN, before ctx ends. nil refuses functions that have a failure
	// destination.
	Destination func(ctx context.Context, arn string, record []byte) error
}

// Service is the stand-in. It serves Lambda's REST API as an http.Handler, and
// the Runtime API on a port of its own. It ends with Close.
type Service struct {
	options  Options
	listener net.Listener
	server   *http.Server
	rest     http.Handler
	forker   *forker
	accepted *acceptedEvents

	stopping chan struct{}
	work     sync.WaitGroup // invocations and processes

	mu        sync.Mutex
	closed    bool
	functions map[string]*function
	sandboxes map[string]*sandbox // by the token in their Runtime API address
	shared    int                 // invocations now running without reserved concurrency
}

// New starts the Runtime API on a free port of 127.0.0.1.
func New(options Options) (*Service, error) {
	if options.Logs == nil {
		return nil, errors.New("lambda: Options.Logs is missing")
	}
	options.setDefaults()
	accepted, err := openAccepted(options.Dir)
	if err != nil {
		return nil, err
	}
	listener, err := (&net.ListenConfig{}).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, errors.Join(fmt.Errorf("listen for the Lambda Runtime API: %w", err), accepted.close())
	}
	s := &Service{
		options: options, listener: listener, forker: newForker(), accepted: accepted, stopping: make(chan struct{}),
		functions: map[string]*function{}, sandboxes: map[string]*sandbox{},
	}
	s.rest = s.restAPI()
	s.server = &http.Server{Handler: s.runtimeAPI(), ConnContext: withConnection, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		if err := s.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			options.Logger.Error("the Lambda Runtime API has ended", "error", err)
		}
	}()
	return s, nil
}

func (o *Options) setDefaults() {
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	if o.MaxConcurrency == 0 {
		o.MaxConcurrency = defaultConcurrency
	}
	if o.IdleTimeout == 0 {
		o.IdleTimeout = defaultIdleTimeout
	}
	if o.RetryDelays == nil {
		o.RetryDelays = []time.Duration{time.Minute, 2 * time.Minute} // Lambda Developer Guide, "Asynchronous invocation"
	}
	if o.After == nil {
		o.After = time.After
	}
}

// Register adds a function, or replaces the one of the same name: its idle
// sandboxes stop, those at work stop after it.
func (s *Service) Register(f Function) error {
	f, err := f.complete()
	if err != nil {
		return err
	}
	if f.OnFailureDestination != "" && s.options.Destination == nil {
		return fmt.Errorf("function %q: OnFailureDestination %s: nothing was given to send to it with (Options.Destination)", f.Name, f.OnFailureDestination)
	}
	if err := s.options.Logs.CreateGroup(f.LogGroup); err != nil {
		return fmt.Errorf("function %q: %w", f.Name, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return stopping()
	}
	old := s.functions[f.Name]
	if reserved := s.reservedLocked(f.Name); f.ReservedConcurrency != nil && reserved+*f.ReservedConcurrency > s.options.MaxConcurrency {
		return fmt.Errorf("function %q: ReservedConcurrency %d: %d of the account's %d are reserved already",
			f.Name, *f.ReservedConcurrency, reserved, s.options.MaxConcurrency)
	}
	added := &function{Function: f, arn: s.arn(f.Name), registered: s.options.Now()}
	if old != nil {
		old.replaced = true
		for _, idle := range old.idle {
			idle.kill()
		}
		old.idle = nil
	}
	s.functions[f.Name] = added
	return nil
}

// reservedLocked sums the reserved concurrency of all functions but one.
func (s *Service) reservedLocked(except string) int {
	sum := 0
	for name, fn := range s.functions {
		if name != except && fn.ReservedConcurrency != nil {
			sum += *fn.ReservedConcurrency
		}
	}
	return sum
}

// Stats is what a function has done since it was registered, and does now.
type Stats struct {
	Sandboxes    int // processes
	Busy         int // of them at work
	Invocations  int // begun
	Errors       int // invocations that ended with a FunctionError
	Throttles    int // refused for want of concurrency
	LastDuration time.Duration
	LastInvoked  time.Time
}

// Stats tells of each function, by name.
func (s *Service) Stats() map[string]Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make(map[string]Stats, len(s.functions))
	for name, fn := range s.functions {
		all[name] = fn.stats
	}
	return all
}

// Close kills every sandbox and returns when no process is left, within ten
// seconds. Invocations that run end with a ServiceException; Event invocations that
// run or wait are left to Resume or, without Options.Dir, dropped, which is logged.
func (s *Service) Close() error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	close(s.stopping)
	for _, sb := range s.sandboxes {
		sb.kill()
	}
	s.mu.Unlock()
	done := make(chan struct{})
	go func() {
		s.work.Wait()
		close(done)
	}()
	var err error
	select {
	case <-done:
		s.forker.stop()
	case <-time.After(stopTimeout):
		err = fmt.Errorf("some function's process is still there %s after SIGKILL", stopTimeout)
	}
	return errors.Join(err, s.server.Close(), s.accepted.close())
}

// begin counts one piece of work that Close waits for; false once it has begun.
func (s *Service) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.work.Add(1)
	return true
}

// hexID derives hexadecimal digits, at most 64, from a new id.
func (s *Service) hexID(digits int) string {
	sum := sha256.Sum256([]byte(s.options.NewID()))
	return hex.EncodeToString(sum[:])[:digits]
}
