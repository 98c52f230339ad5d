package target

import (
	"context"
	"fmt"
	"time"

	"delfos/shared/partition"
)

// longestWait bounds the wait for the partition's lock, and the look for the
// outcome of a commit that was not answered.
const longestWait = 5 * time.Second

// settle finds out what became of a commit that was not answered. The error is
// nil where the day is published all the same.
func (l *Loader) settle(ctx context.Context, p Publication, cause error) (Published, error) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestWait)
	defer cancel()
	published, found, err := l.currentLocked(ctx, p.Partition)
	switch {
	case err != nil:
		return Published{}, &UnavailableError{
			Operation: "commit", Unknown: true,
			Cause: fmt.Errorf("%w; whether the day was published is not known (%w): run it again", cause, err),
		}
	case found && published.Generation == p.Generation && published.RunID == p.RunID:
		return Published{RowsWritten: published.RowsWritten, PublishedAt: published.PublishedAt}, nil
	default:
		return Published{}, classify("commit", cause)
	}
}

// currentLocked waits for the partition's lock first: a transaction whose client
// is gone may still be at its commit.
func (l *Loader) currentLocked(ctx context.Context, key partition.Key) (Materialization, bool, error) {
	tx, err := l.pool.Begin(ctx)
	if err != nil {
		return Materialization{}, false, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) // it has only read
	if _, err := tx.Exec(ctx, lockPartition, key.String()); err != nil {
		return Materialization{}, false, err
	}
	return current(ctx, tx, key)
}
