package target

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/shared/partition"
)

// longestWait bounds the wait for the partition's lock, and the look for the
// outcome of a commit that was not answered.
const longestWait = 5 * time.Second

// Replace publishes a day in one transaction: whoever reads sees the old day or
// the new one. The error is an *UnavailableError where a later attempt may
// succeed, and a *SupersededError where the target holds a later generation; in
// both cases the old day stands.
func (l *Loader) Replace(ctx context.Context, p Publication) (Published, error) {
	if err := p.check(); err != nil {
		return Published{}, err
	}
	published, err := l.replace(ctx, p)
	if hasCode(err, foreignKeyViolation) { // the ids are of a database that is gone
		l.signals.forget()
		published, err = l.replace(ctx, p)
	}
	return published, err
}

func (l *Loader) replace(ctx context.Context, p Publication) (Published, error) {
	ids, err := l.signals.of(ctx, l.pool, p.Rows)
	if err != nil {
		return Published{}, err
	}
	conn, err := l.pool.Acquire(ctx)
	if err != nil {
		return Published{}, classify("connect to the target", err)
	}
	defer conn.Release() // which closes a connection that is left in a transaction
	return l.transact(ctx, conn, p, ids)
}

// transact does the work in three round trips: all up to the delete, the COPY,
// the commit.
func (l *Loader) transact(ctx context.Context, conn *pgxpool.Conn, p Publication, ids map[string]int32) (Published, error) {
	publishedAt, err := open(ctx, conn, p)
	if err != nil {
		return Published{}, err
	}
	body := encode(p.Rows, ids)
	written, err := conn.Conn().PgConn().CopyFrom(ctx, bytes.NewReader(body),
		`COPY data (timestamp, signal_id, value) FROM STDIN (FORMAT binary)`)
	if err != nil {
		return Published{}, classify("copy the day's rows", err)
	}
	if err := commit(ctx, conn); err != nil {
		if err := l.settle(ctx, p, err); err != nil {
			return Published{}, err
		}
	}
	return Published{RowsWritten: written.RowsAffected(), PublishedAt: publishedAt}, nil
}

// open begins the transaction, takes the partition's lock, moves the generation
// forward and deletes the old day.
func open(ctx context.Context, conn *pgxpool.Conn, p Publication) (publishedAt time.Time, err error) {
	left := p.LeaseLeft()
	if left < time.Millisecond {
		return time.Time{}, &UnavailableError{"begin to publish", errors.New("the run's lease is over")}
	}
	var batch pgx.Batch
	batch.Queue("begin")
	batch.Queue(`SELECT set_config('idle_in_transaction_session_timeout', $1, true), set_config('statement_timeout', $1, true),
		set_config('lock_timeout', $2, true)`, milliseconds(left), milliseconds(min(left/2, longestWait)))
	batch.Queue(`SELECT pg_advisory_xact_lock(hashtextextended('delfos/' || $1, 0))`, p.Partition.String())
	batch.Queue(`
		INSERT INTO materialization AS m (partition, run_id, generation, fingerprint, rows_read, rows_written)
		VALUES ($1::text::date, $2, $3, $4, $5, $6)
		ON CONFLICT (partition) DO UPDATE SET run_id = excluded.run_id, generation = excluded.generation,
			fingerprint = excluded.fingerprint, rows_read = excluded.rows_read, rows_written = excluded.rows_written,
			published_at = excluded.published_at
		WHERE m.generation < excluded.generation
		RETURNING published_at`,
		p.Partition.String(), p.RunID, p.Generation, p.Fingerprint, p.RowsRead, len(p.Rows),
	).QueryRow(func(row pgx.Row) error { return row.Scan(&publishedAt) })
	batch.Queue(`DELETE FROM data WHERE signal_id = ANY (ARRAY(SELECT id FROM signal)) AND timestamp >= $1 AND timestamp < $2`,
		p.Span.Start, p.Span.End)
	err = conn.SendBatch(ctx, &batch).Close()
	if errors.Is(err, pgx.ErrNoRows) {
		return time.Time{}, superseded(ctx, conn, p)
	}
	return publishedAt.UTC(), classify("begin to publish", err)
}

func commit(ctx context.Context, conn *pgxpool.Conn) error {
	tag, err := conn.Exec(ctx, "commit")
	if err == nil && tag.String() != "COMMIT" {
		err = fmt.Errorf("the server answered %s", tag)
	}
	return err
}

// superseded finds out, in the same transaction, what fenced the publication off.
func superseded(ctx context.Context, conn *pgxpool.Conn, p Publication) error {
	e := &SupersededError{Partition: p.Partition, Generation: p.Generation}
	err := conn.QueryRow(ctx, `SELECT generation FROM materialization WHERE partition = $1::text::date`, p.Partition.String()).Scan(&e.Current)
	if err != nil {
		return classify("read the published generation", err)
	}
	return e
}

// settle finds out what became of a commit that was not answered, or refused.
// The error is nil where the day is published all the same.
func (l *Loader) settle(ctx context.Context, p Publication, cause error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), longestWait)
	defer cancel()
	current, found, err := l.currentLocked(ctx, p.Partition)
	switch {
	case err != nil:
		return &UnavailableError{"commit", fmt.Errorf("%w; whether the day was published is not known (%w): run it again", cause, err)}
	case found && current.Generation == p.Generation && current.RunID == p.RunID:
		return nil
	default:
		return classify("commit", cause)
	}
}

// currentLocked waits for the partition's lock first: a transaction whose client
// is gone may still be at its commit.
func (l *Loader) currentLocked(ctx context.Context, key partition.Key) (Materialization, bool, error) {
	tx, err := l.pool.Begin(ctx)
	if err != nil {
		return Materialization{}, false, err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // it has only read
	if _, err := tx.Exec(ctx, `SELECT pg_advisory_xact_lock(hashtextextended('delfos/' || $1, 0))`, key.String()); err != nil {
		return Materialization{}, false, err
	}
	return current(ctx, tx, key)
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
