// Package sqs stands in for Amazon SQS: standard queues whose messages survive a
// restart, at the JSON protocol and in process.
package sqs

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"delfos/infra/local/journal"
)

// Options say where the queues are. Region, AccountID and BaseURL must be given;
// other zero values have the defaults named here.
type Options struct {
	Dir               string // of the journal, made if it is missing; "" keeps everything in memory
	Region, AccountID string
	BaseURL           string                               // what queue URLs begin with, without a / at the end
	Now               func() time.Time                     // nil means time.Now
	NewID             func() string                        // makes ids of messages, unique; nil means random UUIDs
	After             func(time.Duration) <-chan time.Time // times long polling; nil means time.After
}

// Service is the stand-in. Its methods may be called at once from many goroutines.
type Service struct {
	options Options

	mu      sync.Mutex
	journal *journal.Journal // nil in memory
	queues  map[string]*queue
	closed  chan struct{}
}

// Open opens the queues with what earlier processes left there. Messages that were
// in flight are visible again.
func Open(options Options) (*Service, error) {
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.NewID == nil {
		options.NewID = uuid.NewString
	}
	if options.After == nil {
		options.After = time.After
	}
	s := &Service{options: options, queues: map[string]*queue{}, closed: make(chan struct{})}
	if options.Dir == "" {
		return s, nil
	}
	if err := os.MkdirAll(options.Dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the directory of the queues: %w", err)
	}
	if err := s.openJournal(filepath.Join(options.Dir, "sqs.jsonl")); err != nil {
		return nil, fmt.Errorf("open the queues: %w", err)
	}
	return s, nil
}

// Close ends every long poll; later calls fail.
func (s *Service) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed() {
		return nil
	}
	close(s.closed)
	if s.journal == nil {
		return nil
	}
	return s.journal.Close()
}

func (s *Service) isClosed() bool {
	select {
	case <-s.closed:
		return true
	default:
		return false
	}
}

// ErrClosed is what calls after Close get.
var ErrClosed = errors.New("the local SQS is stopped")

// ARN is the address of a queue, whether it is there yet or not.
func (s *Service) ARN(name string) string {
	return fmt.Sprintf("arn:aws:sqs:%s:%s:%s", s.options.Region, s.options.AccountID, name)
}

// URL is a queue's, whether it is there yet or not.
func (s *Service) URL(name string) string {
	return s.options.BaseURL + "/" + s.options.AccountID + "/" + name
}

// Declare creates a queue, or gives the one of that name these attributes, in the
// names of CreateQueue; those that are left out have their defaults.
func (s *Service) Declare(name string, attributes map[string]string) error {
	settings, err := parseSettings(name, attributes)
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.queues[name]; found != nil && found.settings == settings {
		return nil
	}
	return s.putQueueLocked(name, settings)
}

// Send puts a message with string attributes into the queue of an ARN, and returns
// its id. An error is an *awsjson.Error where SQS would refuse it.
func (s *Service) Send(ctx context.Context, arn, body string, attributes map[string]string) (string, error) {
	if err := ctx.Err(); err != nil {
		return "", err
	}
	name, ok := strings.CutPrefix(arn, s.ARN(""))
	if !ok {
		return "", refuse("QueueDoesNotExist", "the local SQS has no queue %s: its queues begin with %s", arn, s.ARN(""))
	}
	typed := make(map[string]attribute, len(attributes))
	for name, value := range attributes {
		typed[name] = attribute{DataType: "String", StringValue: &value}
	}
	sent, err := s.send(name, body, typed, nil)
	if err != nil {
		return "", err
	}
	return sent.ID, nil
}

// Names lists the queues, in order.
func (s *Service) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.queues))
}

func (s *Service) findLocked(name string) (*queue, error) {
	if s.isClosed() {
		return nil, ErrClosed
	}
	if found := s.queues[name]; found != nil {
		found.expire(s.options.Now())
		return found, nil
	}
	return nil, refuse("QueueDoesNotExist", "The specified queue does not exist.")
}
