package turbine

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Fill writes the generator's samples of [from, to), both whole minutes, into the
// source database's table data, and returns how many it wrote. A day (UTC) is one
// transaction: a Fill that was cut short goes on where it stopped. Samples that
// are there stay as they are; days without a gap cost one query. progress hears
// of days done; it may be nil.
func Fill(ctx context.Context, conn *pgx.Conn, g Generator, from, to time.Time, progress func(done, total int)) (inserted int64, err error) {
	if !from.Truncate(time.Minute).Equal(from) || !to.Truncate(time.Minute).Equal(to) {
		return 0, fmt.Errorf("fill from %v to %v: both must be whole minutes", from, to)
	}
	if to.Before(from) {
		return 0, fmt.Errorf("fill from %v to %v: to must not be before from", from, to)
	}
	if progress == nil {
		progress = func(int, int) {}
	}
	spans := days(from.UTC(), to.UTC())
	for i, s := range spans {
		n, err := fillSpan(ctx, conn, g, s)
		if err != nil {
			return inserted, fmt.Errorf("fill %s: %w", s.start.Format(time.DateOnly), err)
		}
		inserted += n
		progress(i+1, len(spans))
	}
	return inserted, nil
}

// span is [start, end), within one day UTC.
type span struct{ start, end time.Time }

func (s span) minutes() int { return int(s.end.Sub(s.start) / time.Minute) }

// days cuts [from, to) at the midnights.
func days(from, to time.Time) []span {
	var spans []span
	for start := from; start.Before(to); {
		end := start.Truncate(day).Add(day)
		if end.After(to) {
			end = to
		}
		spans = append(spans, span{start, end})
		start = end
	}
	return spans
}

// fillSpan writes the minutes that have no sample.
func fillSpan(ctx context.Context, conn *pgx.Conn, g Generator, s span) (int64, error) {
	present, err := presentIn(ctx, conn, s)
	if err != nil {
		return 0, err
	}
	if len(present) == s.minutes() {
		return 0, nil
	}
	next := s.start
	missing := pgx.CopyFromFunc(func() ([]any, error) {
		for present[next.Unix()] {
			next = next.Add(time.Minute)
		}
		if !next.Before(s.end) {
			return nil, nil
		}
		t := next
		next = next.Add(time.Minute)
		windSpeed, power, ambient := g.Sample(t)
		return []any{t, windSpeed, power, ambient}, nil
	})
	columns := []string{"timestamp", "wind_speed", "power", "ambient_temperature"}
	return conn.CopyFrom(ctx, pgx.Identifier{"data"}, columns, missing) // a COPY is a transaction
}

// presentIn is the set of whole minutes, as Unix seconds, that have a sample.
func presentIn(ctx context.Context, conn *pgx.Conn, s span) (map[int64]bool, error) {
	rows, err := conn.Query(ctx, `SELECT timestamp FROM data
		WHERE timestamp >= $1 AND timestamp < $2 AND date_trunc('minute', timestamp) = timestamp`, s.start, s.end)
	if err != nil {
		return nil, err
	}
	present := map[int64]bool{}
	var t time.Time
	_, err = pgx.ForEachRow(rows, []any{&t}, func() error {
		present[t.Unix()] = true
		return nil
	})
	return present, err
}
