package target_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"golang.org/x/sync/errgroup"

	"delfos/infra/local/postgres"
	"delfos/shared/postgres/migration"
	dbtarget "delfos/shared/schema/target"
	"delfos/shared/target"

	"github.com/jackc/pgx/v5/pgxpool"
)

// migrated is a pool on a new target of a server of its own.
func migrated(t *testing.T, server *postgres.Server) *pgxpool.Pool {
	t.Helper()
	if _, err := server.EnsureDatabase(t.Context(), "target"); err != nil {
		t.Fatal(err)
	}
	dsn := server.DSN("target")
	if _, err := migration.Up(t.Context(), dsn, dbtarget.Migrations); err != nil {
		t.Fatal(err)
	}
	return connect(t, dsn, nil)
}

// Each publication holds one value, in as many rows as its generation says.
func TestAReaderSeesTheOldDayOrTheNewOne(t *testing.T) {
	t.Parallel()
	pool := newPool(t, nil)
	loader := target.New(pool)
	ofGeneration := func(generation int64) target.Publication {
		p := publication(generation, float64(generation))
		p.Rows = p.Rows[:100+generation]
		return p
	}
	mustReplace(t, loader, ofGeneration(1))

	done := make(chan struct{})
	var readers errgroup.Group
	for range 2 {
		readers.Go(func() error { return readUntil(done, pool) })
	}
	for generation := int64(2); generation <= 40; generation++ {
		mustReplace(t, loader, ofGeneration(generation))
	}
	close(done)
	if err := readers.Wait(); err != nil {
		t.Error(err)
	}
}

func readUntil(done <-chan struct{}, pool *pgxpool.Pool) error {
	last := int64(0)
	for {
		var least, greatest float64
		var rows, generation int64
		err := pool.QueryRow(context.Background(), `
			SELECT min(value), max(value), count(*), (SELECT generation FROM materialization) FROM data`,
		).Scan(&least, &greatest, &rows, &generation)
		switch {
		case err != nil:
			return err
		case least != greatest || rows != 100+int64(least) || generation != int64(least):
			return fmt.Errorf("a mixed day: values %v to %v in %d rows, generation %d", least, greatest, rows, generation)
		case generation < last:
			return fmt.Errorf("generation %d after %d", generation, last)
		}
		last = generation
		select {
		case <-done:
			return nil
		default:
		}
	}
}

func TestConcurrentPublicationsOfADayLeaveTheLatest(t *testing.T) {
	t.Parallel()
	pool := newPool(t, func(config *pgxpool.Config) { config.MaxConns = 8 })
	loader := target.New(pool)
	var all sync.WaitGroup
	for generation := int64(1); generation <= 16; generation++ {
		all.Go(func() {
			_, err := loader.Replace(t.Context(), publication(generation, float64(generation)))
			var superseded *target.SupersededError
			if err != nil && (!errors.As(err, &superseded) || generation == 16) {
				t.Errorf("generation %d: %v", generation, err)
			}
		})
	}
	all.Wait()
	holds(t, pool, publication(16, 16))
}

func TestConcurrentPublicationsOfNewSignalsOnOtherDaysAllGoThrough(t *testing.T) {
	t.Parallel()
	pool := newPool(t, func(config *pgxpool.Config) { config.MaxConns = 8 })
	loader := target.New(pool)
	var all errgroup.Group
	var want []target.Publication
	for days := range 16 {
		p := publication(1, float64(days))
		p.Partition = key.AddDays(days)
		p.Span = spanOf(p.Partition)
		for i := range p.Rows {
			p.Rows[i].Time = p.Rows[i].Time.AddDate(0, 0, days)
		}
		want = append(want, p)
		all.Go(func() error {
			_, err := loader.Replace(t.Context(), p)
			return err
		})
	}
	if err := all.Wait(); err != nil {
		t.Fatal(err)
	}
	holds(t, pool, want...)
}
