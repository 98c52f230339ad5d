// Package target publishes days in the target database: each in one transaction,
// once, and never backwards.
package target

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/shared/partition"
)

// Row is one value of the target.
type Row struct {
	Time   time.Time // the window's start
	Signal string    // "wind_speed_mean"
	Value  float64   // NaN is NULL
}

// Publication is a day to publish.
type Publication struct {
	Partition   partition.Key
	Span        partition.Span // what the rows replace
	RunID       string
	Generation  int64 // above 0
	Fingerprint string
	RowsRead    int64
	Rows        []Row // inside the span; each time and signal once

	// LeaseLeft is for how long the run may still publish. A transaction that takes
	// longer than it says at the start cannot commit.
	LeaseLeft func() time.Duration
	// Confirm is asked within the transaction, right before its commit, whether the run
	// still holds the day: where it fails, nothing is published, and its error is
	// Replace's. nil asks nobody.
	Confirm func(ctx context.Context) error
}

// Published is what a Replace did.
type Published struct {
	RowsWritten int64
	PublishedAt time.Time // by the server's clock, just before the commit; UTC
}

// Materialization is what the target says is published of a day.
type Materialization struct {
	RunID       string
	Generation  int64
	Fingerprint string
	RowsRead    int64
	RowsWritten int64
	PublishedAt time.Time
}

// Loader publishes days. It is safe for concurrent use, and keeps nothing but the
// pool.
type Loader struct{ pool *pgxpool.Pool }

// New makes a Loader on a migrated target database. A publication uses one
// connection at a time.
func New(pool *pgxpool.Pool) *Loader { return &Loader{pool} }

// Current reads what is published of a day; found is false where nothing is.
func (l *Loader) Current(ctx context.Context, key partition.Key) (m Materialization, found bool, err error) {
	m, found, err = current(ctx, l.pool, key)
	return m, found, classify("read what is published", err)
}

// querier is a pool or a transaction.
type querier interface {
	QueryRow(ctx context.Context, sql string, args ...any) pgx.Row
}

func current(ctx context.Context, q querier, key partition.Key) (m Materialization, found bool, err error) {
	err = q.QueryRow(ctx, `
		SELECT run_id, generation, fingerprint, rows_read, rows_written, published_at
		FROM materialization WHERE partition = $1::text::date`, key.String(),
	).Scan(&m.RunID, &m.Generation, &m.Fingerprint, &m.RowsRead, &m.RowsWritten, &m.PublishedAt)
	if errors.Is(err, pgx.ErrNoRows) {
		return m, false, nil
	}
	m.PublishedAt = m.PublishedAt.UTC()
	return m, err == nil, err
}

func (p Publication) check() error {
	if p.Generation < 1 || p.RunID == "" || p.LeaseLeft == nil {
		return fmt.Errorf("publish %s: want a run, a generation above 0 and a lease", p.Partition)
	}
	for _, row := range p.Rows {
		if !p.Span.Contains(row.Time) {
			return fmt.Errorf("publish %s: the row of %s at %s is outside the day", p.Partition, row.Signal, row.Time.UTC().Format(time.RFC3339))
		}
	}
	return nil
}
