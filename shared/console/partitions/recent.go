package partitions

import (
	"context"
	"sync"
	"time"

	"golang.org/x/sync/singleflight"

	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// freshFor is how old an answer may be that several browsers share. They poll every
// few seconds; ten years of days are several pages of DynamoDB.
const freshFor = time.Second

// recent reads all days at most once a second, however many browsers watch.
type recent struct {
	read func(ctx context.Context, first, last partition.Key) ([]pipeline.Day, error)
	now  func() time.Time

	flight singleflight.Group
	mu     sync.Mutex
	known  *answer
	acts   int // how often something was done: what was asked before shows nothing of it
}

// answer is all days as they were when they were asked for.
type answer struct {
	days        []pipeline.Day
	first, last partition.Key
	at          time.Time
}

// all gives the days from first to last. They are shared: not to be changed.
func (r *recent) all(ctx context.Context, first, last partition.Key) ([]pipeline.Day, error) {
	now := r.now()
	known, acts := r.last()
	if known != nil && known.first == first && known.last == last && !now.Before(known.at) && now.Sub(known.at) < freshFor {
		return known.days, nil
	}
	reading := r.flight.DoChan(first.String()+last.String(), func() (any, error) {
		// Others wait for it as well: it does not end with the request that began it.
		// The pipeline bounds its time.
		days, err := r.read(context.WithoutCancel(ctx), first, last)
		if err != nil {
			return nil, err
		}
		r.keep(&answer{days, first, last, now}, acts)
		return days, nil
	})
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case result := <-reading:
		days, _ := result.Val.([]pipeline.Day)
		return days, result.Err
	}
}

func (r *recent) last() (known *answer, acts int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.known, r.acts
}

// keep notes an answer, unless something was done since it was asked for.
func (r *recent) keep(a *answer, acts int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.acts == acts {
		r.known = a
	}
}

// forget makes the next answer new: something was done that it must show.
func (r *recent) forget(first, last partition.Key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.known = nil
	r.acts++
	r.flight.Forget(first.String() + last.String())
}
