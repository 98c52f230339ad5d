// Package eventbridge stands in for Amazon EventBridge: the default event bus of an
// account, with rules that the local stack gives it and whose targets are Lambda
// functions.
package eventbridge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"

	"delfos/infra/local/journal"
	"delfos/infra/local/lambda"
)

// Invoker runs functions; *lambda.Service is one.
type Invoker interface {
	Invoke(ctx context.Context, request lambda.Request) (lambda.Response, error)
}

// Options say what a Bus stands on. Region, AccountID and Lambda must be given;
// other zero values have the defaults named here.
type Options struct {
	Dir               string // of the rules' states, made if it is missing; "" keeps them in memory
	Region, AccountID string
	Lambda            Invoker
	Logger            *slog.Logger     // of deliveries that failed; nil means slog.Default
	Now               func() time.Time // nil means time.Now
	NewID             func() string    // makes event ids, UUIDs as on AWS; nil means random ones
	// After times the end of Close; nil means time.After.
	After func(time.Duration) <-chan time.Time
}

// Bus is the account's event bus named default. Its methods may be called at once
// from many goroutines. It ends with Close.
type Bus struct {
	options Options

	mu      sync.Mutex
	journal *journal.Journal // nil in memory
	rules   map[string]*rule
	kept    map[string]keptState
	closed  bool
	waiting []delivery
	wake    chan struct{}
	ended   chan struct{}
	stop    context.CancelFunc
}

// A delivery is one event on its way to one target.
type delivery struct {
	rule, target string
	event        []byte
	handed       chan<- error // holds one; nil but for the last delivery of an event
}

// tell tells whoever waits that the event has been handed over, or why it will not be.
func (d delivery) tell(err error) {
	if d.handed != nil {
		d.handed <- err
	}
}

var errStopped = errors.New("the local EventBridge is stopped")

// Open makes a bus without rules; see Declare.
func Open(options Options) (*Bus, error) {
	if options.Lambda == nil {
		return nil, errors.New("eventbridge: Options.Lambda is missing")
	}
	if options.Logger == nil {
		options.Logger = slog.Default()
	}
	if options.Now == nil {
		options.Now = time.Now
	}
	if options.After == nil {
		options.After = time.After
	}
	if options.NewID == nil {
		options.NewID = uuid.NewString
	}
	ctx, stop := context.WithCancel(context.Background())
	b := &Bus{
		options: options, rules: map[string]*rule{}, kept: map[string]keptState{},
		wake: make(chan struct{}, 1), ended: make(chan struct{}), stop: stop,
	}
	if options.Dir != "" {
		if err := os.MkdirAll(options.Dir, 0o700); err != nil {
			stop()
			return nil, fmt.Errorf("make the directory of EventBridge: %w", err)
		}
		if err := b.openJournal(); err != nil {
			stop()
			return nil, fmt.Errorf("open EventBridge: %w", err)
		}
	}
	go b.deliverAll(ctx)
	return b, nil
}

// drainTimeout is how long Close waits for deliveries.
const drainTimeout = 5 * time.Second

// Close delivers what waits, for up to drainTimeout; what is left then is dropped,
// which is logged.
func (b *Bus) Close() error {
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return nil
	}
	b.closed = true
	b.mu.Unlock()
	b.rouse()
	select {
	case <-b.ended:
	case <-b.options.After(drainTimeout):
	}
	b.stop()
	<-b.ended
	if b.journal == nil {
		return nil
	}
	return b.journal.Close()
}

// Event is what PutEvents takes. ID, Account, Region and a zero Time are filled in.
type Event struct {
	ID         string
	DetailType string
	Source     string
	Time       time.Time
	Resources  []string
	Detail     json.RawMessage // a JSON object
}

// An envelope is an event as targets get it (EventBridge User Guide, "AWS service
// event metadata").
type envelope struct {
	Version    string          `json:"version"`
	ID         string          `json:"id"`
	DetailType string          `json:"detail-type"`
	Source     string          `json:"source"`
	Account    string          `json:"account"`
	Time       string          `json:"time"`
	Region     string          `json:"region"`
	Resources  []string        `json:"resources"`
	Detail     json.RawMessage `json:"detail"`
}

// Put gives an event to the targets of each enabled rule that it matches, and
// returns its id without waiting for them. They get it at least once while the bus
// is open, and in the order of the Puts; from there on it is Lambda's asynchronous
// invocation, which keeps no order.
func (b *Bus) Put(event Event) (string, error) {
	id, _, err := b.put(event)
	return id, err
}

// Deliver is Put, and returns when Lambda has taken the event over for each target,
// or has refused it, or when ctx ends: whoever keeps the event on disk may let go of
// it then, for from there on Lambda keeps it. Without an error it has been handed over.
func (b *Bus) Deliver(ctx context.Context, event Event) (string, error) {
	id, handed, err := b.put(event)
	if err != nil {
		return "", err
	}
	select {
	case err := <-handed:
		return id, err
	case <-ctx.Done():
		return id, fmt.Errorf("deliver event %s: %w", id, context.Cause(ctx))
	}
}

// put queues the event; handed gets an answer when the last target has it.
func (b *Bus) put(event Event) (id string, handed <-chan error, err error) {
	if event.ID == "" {
		event.ID = b.options.NewID()
	}
	if event.Time.IsZero() {
		event.Time = b.options.Now()
	}
	if event.Resources == nil {
		event.Resources = []string{}
	}
	document, err := json.Marshal(envelope{
		"0", event.ID, event.DetailType, event.Source, b.options.AccountID, event.Time.UTC().Format(time.RFC3339), b.options.Region,
		event.Resources, event.Detail,
	})
	if err != nil {
		return "", nil, fmt.Errorf("put event %s of %s: %w", event.DetailType, event.Source, err)
	}
	value, err := decode(document)
	if err != nil {
		return "", nil, fmt.Errorf("put event %s of %s: %w", event.DetailType, event.Source, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return "", nil, fmt.Errorf("put event: %w", errStopped)
	}
	before, answer := len(b.waiting), make(chan error, 1)
	for _, name := range b.namesLocked() {
		rule := b.rules[name]
		if rule.state != Enabled || !rule.pattern.matches(value) {
			continue
		}
		for _, target := range rule.Targets {
			b.waiting = append(b.waiting, delivery{rule: name, target: target.ARN, event: document})
		}
	}
	if len(b.waiting) > before {
		b.waiting[len(b.waiting)-1].handed = answer
	} else {
		answer <- nil
	}
	b.rouse()
	return event.ID, answer, nil
}

// rouse lets the deliveries look again.
func (b *Bus) rouse() {
	select {
	case b.wake <- struct{}{}:
	default: // they will look anyway
	}
}

// deliverAll hands the events over, one by one, until the bus is closed and empty, or
// ctx ends.
func (b *Bus) deliverAll(ctx context.Context) {
	defer close(b.ended)
	for {
		next, ok, closed := b.takeWaiting()
		switch {
		case ctx.Err() == nil && ok:
			next.tell(b.deliver(ctx, next))
		case ctx.Err() != nil && ok:
			b.options.Logger.Warn("an event is dropped, as the local EventBridge stops", "rule", next.rule, "target", next.target)
			next.tell(errStopped)
		case closed || ctx.Err() != nil:
			return
		default:
			select {
			case <-b.wake:
			case <-ctx.Done():
			}
		}
	}
}

// takeWaiting takes the first event that waits, if one does.
func (b *Bus) takeWaiting() (next delivery, ok, closed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.waiting) > 0 {
		next, ok = b.waiting[0], true
		b.waiting = b.waiting[1:]
	}
	return next, ok, b.closed
}

// deliver invokes a function. Lambda refuses an event only where the function is
// not there, or at its own end: there is no use in trying again. An error means that
// the bus stops.
func (b *Bus) deliver(ctx context.Context, one delivery) error {
	_, err := b.options.Lambda.Invoke(ctx, lambda.Request{Function: one.target, Type: lambda.Event, Payload: one.event})
	if err != nil {
		b.options.Logger.Error("an event did not reach its target", "rule", one.rule, "target", one.target, "error", err, "event", string(one.event))
	}
	if err != nil && ctx.Err() != nil {
		return errStopped
	}
	return nil
}
