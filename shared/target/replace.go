package target

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Replace publishes a day in one transaction: whoever reads sees the old day or
// the new one. It may be repeated for the same run and generation. The error is
// an *UnavailableError where a later attempt may succeed, and a *SupersededError
// where the target holds a later generation; then the old day stands.
func (l *Loader) Replace(ctx context.Context, p Publication) (Published, error) {
	if err := p.check(); err != nil {
		return Published{}, err
	}
	published, err := l.replace(ctx, p)
	for range 2 { // new signals and a lock that is held can both come, in either order
		mend := l.mendFor(err)
		if mend == nil {
			break
		}
		if err := mend(ctx, p); err != nil {
			return Published{}, err
		}
		published, err = l.replace(ctx, p)
	}
	if unanswered, ok := errors.AsType[*commitError](err); ok {
		return l.settle(ctx, p, unanswered.cause)
	}
	return published, err
}

// mendFor is what helps against an error, so that the next try can succeed; nil if
// nothing does.
func (l *Loader) mendFor(err error) func(context.Context, Publication) error {
	switch {
	case errors.Is(err, errUnknownSignals):
		return l.addSignals
	case hasCode(err, lockNotAvailable):
		return l.evict
	default:
		return nil
	}
}

func (l *Loader) replace(ctx context.Context, p Publication) (Published, error) {
	conn, err := l.pool.Acquire(ctx)
	if err != nil {
		return Published{}, classify("connect to the target", err)
	}
	defer conn.Release()
	published, err := transact(ctx, conn, p)
	if err != nil {
		rollback(ctx, conn)
	}
	return published, err
}

// transact does the work in three round trips: all up to the delete, the COPY,
// the commit.
func transact(ctx context.Context, conn *pgxpool.Conn, p Publication) (Published, error) {
	left := min(p.LeaseLeft(), time.Hour) // far longer than any load, and the server's settings have a maximum
	if left < shortest {
		return Published{}, leaseOver("begin to publish")
	}
	ids, opened, err := open(ctx, conn, p, left)
	if err != nil {
		return Published{}, err
	}
	until := opened.Add(min(p.LeaseLeft(), left)) // by the server's clock, and no later than the lease ends
	written, err := conn.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(encode(p.Rows, ids)),
		`COPY data (timestamp, signal_id, value) FROM STDIN (FORMAT binary)`)
	if err != nil {
		return Published{}, classify("copy the day's rows", err)
	}
	if p.Confirm != nil {
		if err := p.Confirm(ctx); err != nil {
			return Published{}, err
		}
	}
	if p.LeaseLeft() <= 0 {
		return Published{}, leaseOver("commit")
	}
	publishedAt, err := commit(ctx, conn, p, until)
	return Published{RowsWritten: written.RowsAffected(), PublishedAt: publishedAt}, err
}

// shortest is the least time worth beginning with; the server takes whole
// milliseconds, and 0 for no limit.
const shortest = 2 * time.Millisecond

// open begins the transaction, takes the partition's lock, moves the generation
// forward and deletes the old day. It returns the ids of the rows' signals, and the
// server's time, which has passed when it returns.
func open(ctx context.Context, conn *pgxpool.Conn, p Publication, left time.Duration) (ids map[string]int32, opened time.Time, err error) {
	names, moved := p.signals(), false
	ids = map[string]int32{}
	var batch pgx.Batch
	batch.Queue("begin")
	queueLock(&batch, p, left)
	batch.Queue(`SELECT id, name FROM signal WHERE name = ANY ($1)`, names).Query(func(rows pgx.Rows) error {
		var id int32
		var name string
		_, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error { ids[name] = id; return nil })
		return err
	})
	batch.Queue(`
		INSERT INTO materialization AS m (partition, run_id, generation, fingerprint, rows_read, rows_written)
		VALUES ($1::text::date, $2, $3, $4, $5, $6)
		ON CONFLICT (partition) DO UPDATE SET run_id = excluded.run_id, generation = excluded.generation,
			fingerprint = excluded.fingerprint, rows_read = excluded.rows_read, rows_written = excluded.rows_written
		WHERE m.generation < excluded.generation OR (m.generation, m.run_id) = (excluded.generation, excluded.run_id)
		RETURNING true`,
		p.Partition.String(), p.RunID, p.Generation, p.Fingerprint, p.RowsRead, len(p.Rows),
	).QueryRow(func(row pgx.Row) error { return row.Scan(&moved) })
	batch.Queue(`DELETE FROM data WHERE signal_id = ANY (ARRAY(SELECT id FROM signal)) AND timestamp >= $1 AND timestamp < $2`,
		p.Span.Start, p.Span.End)
	batch.Queue(`SELECT clock_timestamp()`).QueryRow(func(row pgx.Row) error { return row.Scan(&opened) })
	err = conn.SendBatch(ctx, &batch).Close()
	switch {
	case errors.Is(err, pgx.ErrNoRows) && !moved:
		return nil, opened, superseded(ctx, conn, p)
	case err != nil:
		return nil, opened, classify("begin to publish", err)
	case len(ids) < len(names):
		return nil, opened, errUnknownSignals
	}
	return ids, opened, nil
}

// commit is refused by the server, too, where the lease ran out meanwhile: its
// limits start again with each statement, and a run that is paused between
// two checks of its own does not know. A late commit is NULL in published_at,
// which the schema forbids. until is of the server's own clock, which need not agree
// with the run's.
func commit(ctx context.Context, conn *pgxpool.Conn, p Publication, until time.Time) (publishedAt time.Time, err error) {
	var batch pgx.Batch
	batch.Queue(`
		UPDATE materialization SET published_at = CASE WHEN clock_timestamp() < $2 THEN clock_timestamp() END
		WHERE partition = $1::text::date RETURNING published_at`, p.Partition.String(), until,
	).QueryRow(func(row pgx.Row) error { return row.Scan(&publishedAt) })
	batch.Queue("commit")
	err = conn.SendBatch(ctx, &batch).Close()
	if hasCode(err, notNullViolation) {
		return time.Time{}, leaseOver("commit")
	}
	if err != nil {
		return time.Time{}, &commitError{err}
	}
	return publishedAt.UTC(), nil
}

// superseded finds out, in the same transaction, what fenced the publication off.
func superseded(ctx context.Context, conn *pgxpool.Conn, p Publication) error {
	published, _, err := current(ctx, conn, p.Partition)
	if err != nil {
		return classify("read the published generation", err)
	}
	return &SupersededError{Partition: p.Partition, Generation: p.Generation, Current: published.Generation, CurrentRunID: published.RunID}
}

// rollback keeps the connection for the next publication. Where it fails, the pool
// closes the connection, as it does with any that is in a transaction.
func rollback(ctx context.Context, conn *pgxpool.Conn) {
	if conn.Conn().IsClosed() || conn.Conn().PgConn().TxStatus() == 'I' {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, longestWait)
	defer cancel()
	_, _ = conn.Exec(ctx, "rollback") // the failure that led here is the one to report
}

// commitError is a commit without an answer of COMMIT.
type commitError struct{ cause error }

func (e *commitError) Error() string { return fmt.Sprintf("commit: %v", e.cause) }
