package partitions

import (
	"context"
	"sync"
	"time"

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

	mu          sync.Mutex
	days        []pipeline.Day
	first, last partition.Key
	at          time.Time // when days were asked for; zero is never
}

// all gives the days from first to last. They are shared: not to be changed.
func (r *recent) all(ctx context.Context, first, last partition.Key) ([]pipeline.Day, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := r.now()
	age := now.Sub(r.at)
	if !r.at.IsZero() && r.first == first && r.last == last && age >= 0 && age < freshFor {
		return r.days, nil
	}
	days, err := r.read(ctx, first, last)
	if err != nil {
		return nil, err
	}
	r.days, r.first, r.last, r.at = days, first, last, now
	return days, nil
}

// forget makes the next answer new: something was done that it must show.
func (r *recent) forget() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.at = time.Time{}
}
