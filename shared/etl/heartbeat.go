package etl

import (
	"context"
	"errors"
	"sync"
	"time"

	"delfos/shared/status"
)

// heartbeat keeps a run's lease alive and ends the run's context where the lease
// is lost: taken over, revoked by a cancel, or out of reach for too long.
type heartbeat struct {
	status Status
	length time.Duration // how long a renewal holds
	now    func() time.Time

	renewing sync.Mutex // one renewal at a time
	mu       sync.Mutex // of lease alone, never held while waiting
	lease    status.Lease

	stop context.CancelFunc
	done chan struct{}
}

// beat starts renewing, three times a lease. The context that it returns ends
// with the error that lost the lease as its cause, or when end is called, which
// comes before the run's outcome is recorded.
func beat(ctx context.Context, store Status, lease status.Lease, length time.Duration, now func() time.Time) (context.Context, *heartbeat) {
	ctx, lose := context.WithCancelCause(ctx)
	renewing, stop := context.WithCancel(ctx)
	h := &heartbeat{status: store, length: length, now: now, lease: lease, stop: stop, done: make(chan struct{})}
	go func() {
		defer close(h.done)
		lose(h.keep(renewing))
	}()
	return ctx, h
}

// keep renews until the context ends, and returns why it stopped.
func (h *heartbeat) keep(ctx context.Context) error {
	ticker := time.NewTicker(h.length / 3)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
		if err := h.renew(ctx); err != nil && h.isLost(err) {
			return &stoppedError{err}
		}
	}
}

// isLost tells a lease that is gone from one that could not be renewed this
// time but still holds.
func (h *heartbeat) isLost(err error) bool {
	var lost *status.LeaseLostError
	return errors.As(err, &lost) || !h.now().Before(h.current().Until)
}

// renew moves the end of the lease to a full length from now. The run calls it
// once more right before it publishes.
func (h *heartbeat) renew(ctx context.Context) error {
	h.renewing.Lock()
	defer h.renewing.Unlock()
	ctx, cancel := context.WithTimeout(ctx, h.length/3)
	defer cancel()
	now := h.now()
	renewed, err := h.status.Renew(ctx, h.current(), now, now.Add(h.length))
	if err != nil {
		return err
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lease = renewed
	return nil
}

// current is the lease as last renewed.
func (h *heartbeat) current() status.Lease {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.lease
}

// end stops renewing and waits until no renewal is under way.
func (h *heartbeat) end() {
	h.stop()
	<-h.done
}

// stoppedError is why a heartbeat ended its run.
type stoppedError struct{ cause error }

func (e *stoppedError) Error() string { return e.cause.Error() }
func (e *stoppedError) Unwrap() error { return e.cause }
