package target

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
)

const lockPartition = `SELECT pg_advisory_xact_lock(hashtextextended('delfos/' || $1, 0))`

// queueLock queues the partition's lock, behind what makes the server end the
// transaction of a run that is stuck or paused about when its lease runs out. The
// transaction's name tells an operator, and evict, whose it is.
func queueLock(batch *pgx.Batch, p Publication, left time.Duration) {
	batch.Queue(`SELECT set_config('idle_in_transaction_session_timeout', $1, true), set_config('statement_timeout', $1, true),
		set_config('lock_timeout', $2, true), set_config('application_name', $3, true)`,
		milliseconds(left), milliseconds(min(left/2, longestWait)), sessionName(p)+strconv.FormatInt(p.Generation, 10))
	batch.Queue(lockPartition, p.Partition.String())
}

// evict ends the sessions that publish earlier generations of the day: their runs
// have lost the lease. PostgreSQL's own timeouts do not see a client that stops
// amid a COPY. The role may end its own sessions.
func (l *Loader) evict(ctx context.Context, p Publication) error {
	_, err := l.pool.Exec(ctx, `
		SELECT pg_terminate_backend(pid, $3) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND usename = current_user
			AND CASE WHEN starts_with(application_name, $1) THEN substr(application_name, length($1) + 1)::bigint < $2 END`,
		sessionName(p), p.Generation, longestWait.Milliseconds())
	return classify("end the sessions of earlier runs", err)
}

// sessionName lacks the generation at its end. A name has at most 63 bytes.
func sessionName(p Publication) string {
	return fmt.Sprintf("delfos publishes %s generation ", p.Partition)
}

func milliseconds(d time.Duration) string { return strconv.FormatInt(d.Milliseconds(), 10) }
