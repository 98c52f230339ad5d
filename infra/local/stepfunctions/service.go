// Package stepfunctions stands in for AWS Step Functions: standard workflows in
// the Amazon States Language with JSONPath, their histories on disk, Map Runs and
// redrives. What it does not do it refuses by name.
package stepfunctions

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/google/uuid"

	"delfos/infra/local/journal"
	"delfos/infra/local/lambda"
	"delfos/infra/local/stepfunctions/engine"
)

// Invoker runs Lambda functions; *lambda.Service is one.
type Invoker interface {
	Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error)
}

var _ Invoker = (*lambda.Service)(nil)

// Options says where a Service keeps its state and what it works with. Dir and
// Lambda must be given; other zero values have the defaults named here.
type Options struct {
	// Dir is the directory of definitions, executions and histories, made if it is
	// missing. One Service may use it at a time.
	Dir string
	// Region and AccountID appear in ARNs.
	Region, AccountID string
	// Lambda runs the functions of Task states.
	Lambda Invoker
	// OnStatusChange hears of each status that a top-level execution comes to, one
	// after the other, when it is on disk. A change that it has not returned from
	// when the process dies is told again by the next Open; the calls begin when
	// Open is about to return. nil is nobody.
	OnStatusChange func(StatusChange)

	Now    func() time.Time                     // nil means time.Now
	After  func(time.Duration) <-chan time.Time // times waits; nil means time.After
	NewID  func() string                        // makes UUIDs; nil means random ones
	Random func() float64                       // in [0, 1); nil means math/rand/v2
	Logger *slog.Logger                         // of its own troubles; nil means slog.Default
}

func (o *Options) setDefaults() {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.After == nil {
		o.After = time.After
	}
	if o.NewID == nil {
		o.NewID = uuid.NewString
	}
	if o.Random == nil {
		o.Random = rand.Float64
	}
	if o.Logger == nil {
		o.Logger = slog.Default()
	}
}

// Service is the stand-in. It answers at the AWS endpoint as an awsjson.Service.
type Service struct {
	options Options
	engine  engine.Options
	changes *changes
	work    sync.WaitGroup // goroutines of executions

	mu       sync.Mutex // guards all below; a tree's mu is taken before it, never after
	closed   bool
	journal  *journal.Journal
	machines map[string]*machine // by ARN
	entries  map[int]*entry
	byName   map[string]*entry // top-level executions, by ARN
	byMapRun map[string]*entry // by the Map Runs' ids
	last     int               // the highest number given to an entry
	expired  time.Time         // when expire ran last
	cached   []*tree           // ended ones whose index is in memory, the latest used last
}

// Open opens the service in options.Dir. Executions that were running when the
// last process ended become ABORTED; RedriveExecution goes on with them. Executions
// that ended more than 90 days ago are removed.
func Open(options Options) (*Service, error) {
	if options.Dir == "" || options.Lambda == nil {
		return nil, errors.New("stepfunctions: Options.Dir and Options.Lambda must be given")
	}
	options.setDefaults()
	s := &Service{
		options: options,
		engine: engine.Options{
			Region: options.Region, AccountID: options.AccountID, Now: options.Now, After: options.After,
			Random: options.Random, NewUUID: options.NewID,
		},
		machines: map[string]*machine{}, entries: map[int]*entry{}, byName: map[string]*entry{}, byMapRun: map[string]*entry{},
	}
	s.changes = newChanges(s)
	if err := os.MkdirAll(s.histories(), 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of Step Functions: %w", err)
	}
	if err := s.openCatalog(); err != nil {
		return nil, err
	}
	if err := s.recover(); err != nil {
		return nil, errors.Join(err, s.journal.Close())
	}
	s.changes.start()
	return s, nil
}

func (s *Service) histories() string { return filepath.Join(s.options.Dir, "executions") }

func (s *Service) now() int64 { return s.options.Now().UnixMilli() }

// begin counts a goroutine that Close waits for; false once the service closes.
func (s *Service) begin() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return false
	}
	s.work.Add(1)
	return true
}

// Close stops the engine. Executions that run become ABORTED, as the next Open
// reports; nothing waits for their functions beyond ctx.
func (s *Service) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	running := s.runningLocked()
	s.mu.Unlock()
	s.changes.stop(ctx)
	var err error
	for _, t := range running {
		err = errors.Join(err, t.goDown())
	}
	done := make(chan struct{})
	go func() {
		s.work.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		err = errors.Join(err, fmt.Errorf("wait for the executions to stop: %w", context.Cause(ctx)))
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return errors.Join(err, s.journal.Close())
}

func (s *Service) runningLocked() []*tree {
	var running []*tree
	for _, e := range s.entries {
		if e.isRunning() && e.tree != nil {
			running = append(running, e.tree)
		}
	}
	return running
}
