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

// RenewEvery is how often at most a Keeper reads a secret anew because somebody asks for
// that, who may be a stranger with a wrong token, and how long it waits after it could not.
const RenewEvery = 10 * time.Second

// readWithin is for how long whoever could do with what is kept waits for a reading.
const readWithin = 2 * time.Second

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
	turn      chan struct{}
	text      string
	readAt    time.Time // zero: never
	renewedAt time.Time // when it was last read, or tried to, because somebody asked for that
	failure   error     // of the last reading
	failedAt  time.Time // when that was
}

// NewKeeper keeps what read gives, a Reader's Text.
func NewKeeper(read func(ctx context.Context, arn string) (string, error), now func() time.Time) *Keeper {
	return &Keeper{read: read, now: now, kept: map[string]*kept{}}
}

// Text returns the secret's text, which is at most KeepFor old if it can be read.
func (k *Keeper) Text(ctx context.Context, arn string) (string, error) {
	return k.withTurn(ctx, arn, func(one *kept, now time.Time) (string, error) {
		if now.Sub(one.readAt) >= KeepFor && now.Sub(one.failedAt) >= RenewEvery {
			k.readAgain(ctx, arn, one, now)
		}
		return one.text, nil
	})
}

// Renewed returns the secret's text, which is read for it unless that was done for another
// less than RenewEvery ago. The error says that it could not be read; Text goes on to
// give what was read before.
func (k *Keeper) Renewed(ctx context.Context, arn string) (string, error) {
	return k.withTurn(ctx, arn, func(one *kept, now time.Time) (string, error) {
		if now.Sub(one.renewedAt) >= RenewEvery && now.Sub(one.failedAt) >= RenewEvery {
			one.renewedAt = now
			k.readAgain(ctx, arn, one, now)
		}
		if one.failure != nil {
			return "", one.failure
		}
		return one.text, nil
	})
}

// withTurn lets one at a time use a secret that has been read before, or reads it.
func (k *Keeper) withTurn(ctx context.Context, arn string, use func(*kept, time.Time) (string, error)) (string, error) {
	one := k.of(arn)
	select {
	case one.turn <- struct{}{}:
		defer func() { <-one.turn }()
	case <-ctx.Done():
		return "", fmt.Errorf("read secret %s: wait for whoever reads it: %w", arn, ctx.Err())
	}
	// By the clock on the wall: the other one may stand still while a sandbox is frozen.
	now := k.now().Round(0)
	if !one.readAt.IsZero() {
		return use(one, now)
	}
	text, err := k.textOf(ctx, arn)
	if err != nil {
		return "", err
	}
	one.text, one.readAt = text, now
	return text, nil
}

// readAgain is not given up with the context of who happens to ask, and then told to
// others as a failure.
func (k *Keeper) readAgain(ctx context.Context, arn string, one *kept, now time.Time) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readWithin)
	defer cancel()
	text, err := k.textOf(ctx, arn)
	if one.failure = err; err != nil {
		one.failedAt = now
		return
	}
	one.text, one.readAt = text, now
}

// textOf reads a secret, which must not be empty: nobody's password or token is.
func (k *Keeper) textOf(ctx context.Context, arn string) (string, error) {
	text, err := k.read(ctx, arn)
	if err == nil && text == "" {
		err = fmt.Errorf("secret %s is empty", arn)
	}
	return text, err
}

func (k *Keeper) of(arn string) *kept {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.kept[arn] == nil {
		k.kept[arn] = &kept{turn: make(chan struct{}, 1)}
	}
	return k.kept[arn]
}
