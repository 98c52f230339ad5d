// Package sourcedb reads the source database.
package sourcedb

import (
	"context"
	"encoding/binary"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/shared/source"
)

// Reader reads samples. Its errors are *UnavailableError where trying again
// later can help.
type Reader struct {
	pool *pgxpool.Pool
}

// New makes a Reader. The pool remains its owner's to close.
func New(pool *pgxpool.Pool) *Reader { return &Reader{pool} }

// Ping tells whether the database answers.
func (r *Reader) Ping(ctx context.Context) error {
	return classify("ping", r.pool.Ping(ctx))
}

// Extent is when the first and the last sample were taken; ok is false where
// there is none.
func (r *Reader) Extent(ctx context.Context) (first, last time.Time, ok bool, err error) {
	var from, to *time.Time
	row := r.pool.QueryRow(ctx, "SELECT min(timestamp), max(timestamp) FROM data")
	if err := row.Scan(&from, &to); err != nil {
		return first, last, false, classify("read the extent", err)
	}
	if from == nil || to == nil {
		return first, last, false, nil
	}
	return from.UTC(), to.UTC(), true, nil
}

// Read hands the samples of the query to row, in time order, as they come from
// the database: all of them from one snapshot, at most limit unless that is 0.
// The time is Unix time in microseconds; values has one value per variable, NaN
// for null, NaN and the infinities, and is valid only during the call. An error of
// row ends the reading and is returned as it is.
func (r *Reader) Read(ctx context.Context, query source.Query, limit int, row func(micros int64, values []float64) error) error {
	if err := query.Validate(); err != nil {
		return err
	}
	statement, arguments := selectRows(query, limit)
	rows, err := r.pool.Query(ctx, statement, arguments...)
	if err != nil {
		return classify("read samples", err)
	}
	defer rows.Close()
	values := make([]float64, len(query.Variables))
	for rows.Next() {
		raw := rows.RawValues()
		micros, err := decodeRow(raw, values)
		if err != nil {
			return err
		}
		if err := row(micros, values); err != nil {
			return err
		}
	}
	return classify("read samples", rows.Err())
}

// selectRows may join the names of columns into the statement: Validate let only
// those through that the contract lists. It asks for binary results, whatever the
// connection's settings are.
func selectRows(query source.Query, limit int) (statement string, arguments []any) {
	statement = "SELECT timestamp, " + strings.Join(query.Variables, ", ") +
		" FROM data WHERE timestamp >= $1 AND timestamp < $2 ORDER BY timestamp"
	arguments = []any{pgx.QueryResultFormats{pgx.BinaryFormatCode}, query.Span.Start, query.Span.End}
	if limit == 0 {
		return statement, arguments
	}
	return statement + " LIMIT $3", append(arguments, limit)
}

// microsTo2000 is the Unix time of PostgreSQL's epoch, in microseconds.
const microsTo2000 = 946_684_800_000_000

// decodeRow reads the binary forms that timestamptz_send and float8send write.
func decodeRow(raw [][]byte, values []float64) (micros int64, err error) {
	if len(raw) != len(values)+1 || len(raw[0]) != 8 {
		return 0, fmt.Errorf("read samples: the database answered %d columns, the first of %d bytes; want %d in binary form",
			len(raw), len(raw[0]), len(values)+1)
	}
	for i, bytes := range raw[1:] {
		switch len(bytes) {
		case 8:
			values[i] = finite(math.Float64frombits(binary.BigEndian.Uint64(bytes)))
		case 0:
			values[i] = math.NaN()
		default:
			return 0, fmt.Errorf("read samples: column %d has %d bytes, want a double precision's 8", i+2, len(bytes))
		}
	}
	return int64(binary.BigEndian.Uint64(raw[0])) + microsTo2000, nil
}

func finite(value float64) float64 {
	if math.IsInf(value, 0) {
		return math.NaN()
	}
	return value
}
