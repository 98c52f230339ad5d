package target_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/target"
)

// step is a moment of a publication, as seen from the network.
type step int

const (
	none step = iota
	inCopy
	atCommit
)

// saboteur stands between a pool and the server. At the chosen step it calls
// strike once, with the connection and what was to be sent; strike sends as much
// of it as it likes.
type saboteur struct {
	at         atomic.Int64
	committing atomic.Bool
	refuse     atomic.Bool // new connections
	struck     sync.WaitGroup
	strike     func(c *sabotaged, sending []byte) (int, error)
}

type sabotaged struct {
	net.Conn
	by *saboteur
}

// arm lets the saboteur strike at the next such step. A COPY is written beside
// the reading of its answer: struck tells when the strike is over.
func (s *saboteur) arm(at step) {
	s.struck.Add(1)
	s.at.Store(int64(at))
}

func (s *saboteur) configure(config *pgxpool.Config) {
	config.ConnConfig.Tracer = s
	config.ConnConfig.DialFunc = func(ctx context.Context, network, address string) (net.Conn, error) {
		if s.refuse.Load() {
			return nil, errors.New("connection refused")
		}
		conn, err := new(net.Dialer).DialContext(ctx, network, address)
		return &sabotaged{conn, s}, err
	}
}

func (c *sabotaged) Write(b []byte) (int, error) {
	at := step(c.by.at.Load())
	if at == inCopy && bytes.Contains(b, []byte("PGCOPY")) || at == atCommit && c.by.committing.Load() {
		c.by.at.Store(int64(none))
		defer c.by.struck.Done()
		return c.by.strike(c, b)
	}
	return c.Conn.Write(b)
}

// TraceBatchStart notices the commit, whose text is not in what is sent once it
// is a prepared statement.
func (s *saboteur) TraceBatchStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceBatchStartData) context.Context {
	queries := data.Batch.QueuedQueries
	s.committing.Store(len(queries) > 0 && queries[len(queries)-1].SQL == "commit")
	return ctx
}

func (s *saboteur) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (s *saboteur) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {
	s.committing.Store(false)
}

func (s *saboteur) TraceQueryStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceQueryStartData) context.Context {
	return ctx
}

func (s *saboteur) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

// sabotage is a target that holds a day of generation 1, reached by a loader whose
// next publication meets the strike, and by a pool that it does not.
func sabotage(t *testing.T, at step, strike func(observer *pgxpool.Pool, c *sabotaged, sending []byte) (int, error)) (*saboteur, *target.Loader, *pgxpool.Pool, target.Publication) {
	t.Helper()
	observer := newPool(t, nil)
	s := &saboteur{}
	s.strike = func(c *sabotaged, sending []byte) (int, error) { return strike(observer, c, sending) }
	loader := target.New(connect(t, observer.Config().ConnString(), s.configure))
	old := publication(1, 1)
	mustReplace(t, loader, old) // the statements are prepared from here on
	s.arm(at)
	return s, loader, observer, old
}

// endBackends ends all sessions but the observer's own, and waits until they are
// gone.
func endBackends(observer *pgxpool.Pool) error {
	_, err := observer.Exec(context.Background(), `
		SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity
		WHERE datname = current_database() AND pid <> pg_backend_pid() AND query <> '' AND state <> 'idle'`)
	return err
}

func TestASessionEndedAmidTheCopyLeavesTheOldDay(t *testing.T) {
	t.Parallel()
	s, loader, observer, old := sabotage(t, inCopy, func(observer *pgxpool.Pool, c *sabotaged, sending []byte) (int, error) {
		half, err := c.Conn.Write(sending[:len(sending)/2])
		if err != nil {
			return half, err
		}
		if err := endBackends(observer); err != nil {
			return half, err
		}
		rest, err := c.Conn.Write(sending[half:])
		return half + rest, err
	})
	_, err := loader.Replace(t.Context(), publication(2, 2))
	s.struck.Wait()
	isUnavailable(t, err)
	holds(t, observer, old)

	again := publication(3, 3)
	mustReplace(t, loader, again)
	holds(t, observer, again)
}

func TestAConnectionLostBeforeTheCommitLeavesTheOldDay(t *testing.T) {
	t.Parallel()
	_, loader, observer, old := sabotage(t, atCommit, func(_ *pgxpool.Pool, c *sabotaged, _ []byte) (int, error) {
		_ = c.Close() // the loss is the point
		return 0, io.ErrClosedPipe
	})
	_, err := loader.Replace(t.Context(), publication(2, 2))
	isUnavailable(t, err)
	if strings.Contains(err.Error(), "not known") {
		t.Errorf("the outcome can be known: %v", err)
	}
	holds(t, observer, old)
}

// commitUnanswered lets the commit through, and loses its answer.
func commitUnanswered(_ *pgxpool.Pool, c *sabotaged, sending []byte) (int, error) {
	if n, err := c.Conn.Write(sending); err != nil {
		return n, err
	}
	if _, err := c.Conn.Read(make([]byte, 1)); err != nil { // the server is done
		return 0, err
	}
	_ = c.Close() // the loss is the point
	return 0, io.ErrClosedPipe
}

func TestACommitWhoseAnswerWasLostIsPublished(t *testing.T) {
	t.Parallel()
	_, loader, observer, _ := sabotage(t, atCommit, commitUnanswered)
	p := publication(2, 2)
	published, err := loader.Replace(t.Context(), p)
	if err != nil {
		t.Fatal(err)
	}
	m, _, err := loader.Current(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	if want := (target.Published{RowsWritten: m.RowsWritten, PublishedAt: m.PublishedAt}); published != want || m.Generation != 2 {
		t.Errorf("published %+v, want %+v", published, want)
	}
	holds(t, observer, p)
}

func TestACommitWhoseOutcomeCannotBeKnownSaysSo(t *testing.T) {
	t.Parallel()
	var s *saboteur
	s, loader, observer, _ := sabotage(t, atCommit, func(observer *pgxpool.Pool, c *sabotaged, sending []byte) (int, error) {
		s.refuse.Store(true)
		return commitUnanswered(observer, c, sending)
	})
	p := publication(2, 2)
	_, err := loader.Replace(t.Context(), p)
	isUnavailable(t, err)
	if err == nil || !strings.Contains(err.Error(), "whether the day was published is not known") {
		t.Errorf("got %v", err)
	}
	s.refuse.Store(false)
	mustReplace(t, loader, p)
	holds(t, observer, p)
}

func TestARunPausedBeforeTheCommitIsEndedByTheServer(t *testing.T) {
	t.Parallel()
	_, loader, observer, old := sabotage(t, atCommit, func(observer *pgxpool.Pool, c *sabotaged, sending []byte) (int, error) {
		if err := waitForNoTransaction(observer); err != nil {
			return 0, err
		}
		return c.Conn.Write(sending)
	})
	p := publication(2, 2)
	p.LeaseLeft = func() time.Duration { return 300 * time.Millisecond }
	_, err := loader.Replace(t.Context(), p)
	isUnavailable(t, err)
	holds(t, observer, old)
	mustReplace(t, loader, publication(3, 3)) // nothing holds the lock
}

// waitForNoTransaction waits for the server to end all but the observer's.
func waitForNoTransaction(observer *pgxpool.Pool) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		var left int
		err := observer.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL`).Scan(&left)
		if err != nil || left == 0 {
			return err
		}
		<-time.After(10 * time.Millisecond)
	}
}

func TestALaterGenerationGoesPastARunPausedAmidTheCopy(t *testing.T) {
	t.Parallel()
	later := publication(3, 3)
	later.LeaseLeft = func() time.Duration { return 600 * time.Millisecond }
	s, loader, observer, _ := sabotage(t, inCopy, func(observer *pgxpool.Pool, c *sabotaged, sending []byte) (int, error) {
		half, err := c.Conn.Write(sending[:len(sending)/2])
		if err != nil {
			return half, err
		}
		if _, err := target.New(observer).Replace(context.Background(), later); err != nil {
			t.Errorf("the later generation: %v", err)
		}
		rest, err := c.Conn.Write(sending[half:])
		return half + rest, err
	})
	_, err := loader.Replace(t.Context(), publication(2, 2))
	s.struck.Wait()
	isUnavailable(t, err)
	holds(t, observer, later)
}

func TestAnEarlierGenerationDoesNotEndALaterOne(t *testing.T) {
	t.Parallel()
	earlier := publication(2, 2)
	earlier.LeaseLeft = func() time.Duration { return 200 * time.Millisecond }
	s, loader, observer, _ := sabotage(t, inCopy, func(observer *pgxpool.Pool, c *sabotaged, sending []byte) (int, error) {
		_, err := target.New(observer).Replace(context.Background(), earlier)
		isUnavailable(t, err)
		return c.Conn.Write(sending)
	})
	later := publication(3, 3)
	mustReplace(t, loader, later)
	s.struck.Wait()
	holds(t, observer, later)
}

// The server's limits start again with each statement, so a run may be paused for
// less than each and for more than its lease in all.
func TestARunPausedTwiceBeyondItsLeaseCannotCommit(t *testing.T) {
	t.Parallel()
	const lease = 600 * time.Millisecond
	var s *saboteur
	pauses := 0
	s, loader, observer, old := sabotage(t, inCopy, func(_ *pgxpool.Pool, c *sabotaged, sending []byte) (int, error) {
		pauses++
		if pauses == 1 {
			s.arm(atCommit)
		}
		<-time.After(lease * 2 / 3)
		return c.Conn.Write(sending)
	})
	p := publication(2, 2)
	p.LeaseLeft = func() time.Duration { return lease } // its own clock stood still
	_, err := loader.Replace(t.Context(), p)
	s.struck.Wait()
	isUnavailable(t, err)
	holds(t, observer, old)
	mustReplace(t, loader, publication(3, 3))
}

func TestARunWhoseLeaseIsOverDoesNotPublish(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	loader := target.New(pool)
	old := publication(1, 1)
	mustReplace(t, loader, old)
	for name, lefts := range map[string][]time.Duration{
		"from the start":    {0},
		"before the commit": {time.Minute, 0},
	} {
		p, asked := publication(2, 2), 0
		p.LeaseLeft = func() time.Duration { asked++; return lefts[min(asked, len(lefts))-1] }
		_, err := loader.Replace(t.Context(), p)
		isUnavailable(t, err)
		if !strings.Contains(err.Error(), "lease") {
			t.Errorf("%s: the error does not speak of the lease: %v", name, err)
		}
	}
	holds(t, pool, old)
}

func TestALockHeldByAnotherSessionIsTransient(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background()) // it only holds the lock
	if _, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended('delfos/' || $1, 0))`, key.String()); err != nil {
		t.Fatal(err)
	}
	p := publication(1, 1)
	p.LeaseLeft = func() time.Duration { return 400 * time.Millisecond }
	_, err = target.New(pool).Replace(t.Context(), p)
	isUnavailable(t, err)
	if err == nil || !strings.Contains(err.Error(), "another session holds the partition's lock") {
		t.Errorf("got %v", err)
	}
	holds(t, pool)
}

func TestAFirstPublicationThatFindsAnEarlierOneAtItsLockPublishes(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	tx, err := pool.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(context.Background()) // it is over already, but where the test fails
	if _, err := tx.Exec(t.Context(), `SELECT pg_advisory_xact_lock(hashtextextended('delfos/' || $1, 0))`, key.String()); err != nil {
		t.Fatal(err)
	}
	p := publication(1, 1)
	asked := false
	p.LeaseLeft = func() time.Duration {
		if asked { // the first try has waited for the lock in vain
			_ = tx.Rollback(context.Background())
			return time.Minute
		}
		asked = true
		return 400 * time.Millisecond
	}
	if _, err := target.New(pool).Replace(t.Context(), p); err != nil {
		t.Fatal(err)
	}
	holds(t, pool, p)
}

func TestADatabaseThatIsDownIsTransient(t *testing.T) {
	t.Parallel()
	s := &saboteur{}
	s.refuse.Store(true)
	loader := target.New(newPool(t, s.configure))
	_, err := loader.Replace(t.Context(), publication(1, 1))
	isUnavailable(t, err)
	_, _, err = loader.Current(t.Context(), key)
	isUnavailable(t, err)
}

func TestACancelledReplaceLeavesTheOldDay(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	s, loader, observer, old := sabotage(t, inCopy, func(_ *pgxpool.Pool, c *sabotaged, sending []byte) (int, error) {
		cancel()
		return c.Conn.Write(sending)
	})
	if _, err := loader.Replace(ctx, publication(2, 2)); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	s.struck.Wait()
	holds(t, observer, old)
}

// A backend that dies of a signal makes PostgreSQL end all others and recover.
func TestACrashOfTheServerAmidTheCopyLeavesTheOldDay(t *testing.T) {
	t.Parallel()
	pool := migrated(t, postgrestest.NewServer(t))
	s := &saboteur{strike: func(c *sabotaged, sending []byte) (int, error) {
		n, err := c.Conn.Write(sending[:len(sending)/2])
		if err != nil {
			return n, err
		}
		if err := killBackend(pool); err != nil {
			return n, err
		}
		rest, err := c.Conn.Write(sending[n:])
		return n + rest, err
	}}
	loader := target.New(connect(t, pool.Config().ConnString(), s.configure))
	old, p := publication(1, 1), publication(2, 2)
	mustReplace(t, loader, old)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	witness, err := pool.Acquire(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer witness.Release()
	s.arm(inCopy)
	_, err = loader.Replace(ctx, p)
	s.struck.Wait()
	isUnavailable(t, err)

	for witness.Ping(ctx) == nil { // the server has not noticed the crash yet
		<-time.After(time.Millisecond)
	}
	for { // until it has recovered
		pool.Reset()
		if pool.Ping(ctx) == nil || ctx.Err() != nil {
			break
		}
		<-time.After(10 * time.Millisecond)
	}
	holds(t, pool, old)
	var unavailable *target.UnavailableError
	for err != nil && ctx.Err() == nil && errors.As(err, &unavailable) {
		_, err = loader.Replace(ctx, p)
	}
	if err != nil {
		t.Fatal(err)
	}
	holds(t, pool, p)
}

// killBackend kills the session that is copying.
func killBackend(observer *pgxpool.Pool) error {
	var pid int
	err := observer.QueryRow(context.Background(), `SELECT pid FROM pg_stat_activity
		WHERE pid <> pg_backend_pid() AND xact_start IS NOT NULL AND datname = current_database()`).Scan(&pid)
	if err != nil {
		return err
	}
	return syscall.Kill(pid, syscall.SIGKILL)
}
