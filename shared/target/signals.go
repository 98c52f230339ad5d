package target

import (
	"context"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// signals remembers the ids of signals, which never change in one database.
type signals struct {
	mu  sync.Mutex
	ids map[string]int32
}

// of returns the ids of the rows' signals, and makes those that are new.
func (s *signals) of(ctx context.Context, pool *pgxpool.Pool, rows []Row) (map[string]int32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	known := map[string]int32{}
	var unknown []string
	for _, row := range rows {
		if _, seen := known[row.Signal]; seen {
			continue
		}
		id, ok := s.ids[row.Signal]
		if !ok {
			unknown = append(unknown, row.Signal)
		}
		known[row.Signal] = id
	}
	if len(unknown) == 0 {
		return known, nil
	}
	if err := s.learn(ctx, pool, unknown); err != nil {
		return nil, err
	}
	for _, name := range unknown {
		known[name] = s.ids[name]
	}
	return known, nil
}

func (s *signals) learn(ctx context.Context, pool *pgxpool.Pool, names []string) error {
	if _, err := pool.Exec(ctx, `INSERT INTO signal (name) SELECT unnest($1::text[]) ON CONFLICT DO NOTHING`, names); err != nil {
		return classify("add signals to the target", err)
	}
	rows, err := pool.Query(ctx, `SELECT id, name FROM signal WHERE name = ANY ($1)`, names)
	if err != nil {
		return classify("read the target's signals", err)
	}
	var id int32
	var name string
	_, err = pgx.ForEachRow(rows, []any{&id, &name}, func() error {
		s.ids[name] = id
		return nil
	})
	return classify("read the target's signals", err)
}

// forget is for a database that was made anew behind our back.
func (s *signals) forget() {
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.ids)
}
