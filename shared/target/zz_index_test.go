package target_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

func TestZIndex(t *testing.T) {
	type variant struct{ name, ddl, del string }
	const byPK = `DELETE FROM data WHERE signal_id = ANY (ARRAY(SELECT id FROM signal)) AND timestamp >= $1 AND timestamp < $2`
	const byTime = `DELETE FROM data WHERE timestamp >= $1 AND timestamp < $2`
	vs := []variant{
		{"pk", "", byPK}, {"btree", "CREATE INDEX i ON data (timestamp)", byTime}, {"brin", "CREATE INDEX i ON data USING brin (timestamp)", byTime}, {"none", "", byTime},
	}
	type db struct {
		v    variant
		conn *pgx.Conn
	}
	var dbs []db
	for _, v := range vs {
		pool := newPool(t, nil)
		b := &testing.B{}
		_ = b
		fillYear2(t, pool)
		if v.ddl != "" {
			if _, err := pool.Exec(t.Context(), v.ddl); err != nil {
				t.Fatal(err)
			}
		}
		c, err := pool.Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		dbs = append(dbs, db{v, c.Conn()})
	}
	p := publication(1, 1, eight...)
	var copied [][]any
	for i, r := range p.Rows {
		copied = append(copied, []any{r.Time, int32(i%8 + 1), r.Value})
	}
	del, cp := map[string][]time.Duration{}, map[string][]time.Duration{}
	for n := range 60 {
		for _, d := range dbs {
			day := -(n * 6) // random-ish days of the year
			s := span
			s.Start = s.Start.AddDate(0, 0, day)
			s.End = s.End.AddDate(0, 0, day)
			for i, r := range p.Rows {
				copied[i][0] = r.Time.AddDate(0, 0, day)
			}
			tx, _ := d.conn.Begin(t.Context())
			b := time.Now()
			tag, err := tx.Exec(t.Context(), d.v.del, s.Start, s.End)
			if err != nil || tag.RowsAffected() != 1152 {
				t.Fatal(err, tag)
			}
			del[d.v.name] = append(del[d.v.name], time.Since(b))
			b = time.Now()
			if _, err := tx.CopyFrom(t.Context(), pgx.Identifier{"data"}, []string{"timestamp", "signal_id", "value"}, pgx.CopyFromRows(copied)); err != nil {
				t.Fatal(err)
			}
			if err := tx.Commit(t.Context()); err != nil {
				t.Fatal(err)
			}
			cp[d.v.name] = append(cp[d.v.name], time.Since(b))
		}
	}
	for _, v := range vs {
		fmt.Println(v.name, "delete", median(del[v.name]), "copy+commit", median(cp[v.name]), "sum", median(del[v.name])+median(cp[v.name]))
	}
}
func fillYear2(b *testing.T, pool *pgxpool.Pool) {
	b.Helper()
	_, err := pool.Exec(b.Context(), `
		WITH s AS (INSERT INTO signal (name) SELECT unnest($1::text[]) RETURNING id)
		SELECT count(*) FROM s`, eight)
	if err != nil {
		b.Fatal(err)
	}
	_, err = pool.Exec(b.Context(), `
		INSERT INTO data SELECT t, id, random()
		FROM generate_series($1::timestamptz, $2::timestamptz - interval '10 minutes', interval '10 minutes') AS t, signal`,
		span.Start.AddDate(-1, 0, 0), span.End)
	if err != nil {
		b.Fatal(err)
	}
	if _, err := pool.Exec(b.Context(), `VACUUM ANALYZE data`); err != nil {
		b.Fatal(err)
	}
}
