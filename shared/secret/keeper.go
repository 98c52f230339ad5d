package secret

import (
	"context"
	"fmt"
	"sync"
	"time"
)

// KeepFor is how old a secret is at most that a Keeper gives. Lambda's own attempts at
// an asynchronous event end 3 min after the first (Lambda Developer Guide, "How Lambda
// handles errors and retries with asynchronous invocation"): one of them has a password
// that was changed.
const KeepFor = 2 * time.Minute

// Keeper keeps secrets in memory, for whoever asks often. A Keeper that cannot read a
// secret again gives what it read before: what depends on it would end with it. It may
// be used concurrently; who asks for a secret that is being read waits for that.
type Keeper struct {
	// read is a function rather than a Reader, whose whole client the linker would keep
	// where a program looks methods up by name (the console's templates do).
	read func(ctx context.Context, arn string) (string, error)
	now  func() time.Time

	mu   sync.Mutex
	kept map[string]*kept // by ARN
}

// kept is a secret. Whoever has the turn may look at it and change it.
type kept struct {
	turn   chan struct{}
	text   string
	readAt time.Time // zero: never
}

// NewKeeper keeps what read gives, a Reader's Text.
func NewKeeper(read func(ctx context.Context, arn string) (string, error), now func() time.Time) *Keeper {
	return &Keeper{read: read, now: now, kept: map[string]*kept{}}
}

// Text returns the secret's text, which is at most KeepFor old if it can be read.
func (k *Keeper) Text(ctx context.Context, arn string) (string, error) {
	one := k.of(arn)
	select {
	case one.turn <- struct{}{}:
		defer func() { <-one.turn }()
	case <-ctx.Done():
		return "", fmt.Errorf("read secret %s: wait for whoever reads it: %w", arn, ctx.Err())
	}
	// By the clock on the wall: the other one may stand still while a sandbox is frozen.
	now := k.now().Round(0)
	if !one.readAt.IsZero() && now.Sub(one.readAt) < KeepFor {
		return one.text, nil
	}
	text, err := k.read(ctx, arn)
	if err == nil {
		one.text, one.readAt = text, now
	}
	if one.readAt.IsZero() {
		return "", err
	}
	return one.text, nil
}

func (k *Keeper) of(arn string) *kept {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept[arn] == nil {
		k.kept[arn] = &kept{turn: make(chan struct{}, 1)}
	}
	return k.kept[arn]
}
