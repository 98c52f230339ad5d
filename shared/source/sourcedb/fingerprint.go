package sourcedb

import (
	"context"
	"encoding/hex"
	"strings"

	"delfos/shared/source"
)

// Fingerprint is the fingerprint of what Read would hand out, computed inside the
// database: no row leaves it. A limit of 0 takes the whole window.
func (r *Reader) Fingerprint(ctx context.Context, query source.Query, limit int) (source.Fingerprint, error) {
	if err := query.Validate(); err != nil {
		return "", err
	}
	most := &limit
	if limit == 0 {
		most = nil // LIMIT NULL is no limit
	}
	var sum []byte
	row := r.pool.QueryRow(ctx, selectFingerprint(query.Variables),
		[]byte(source.FingerprintPrefix(query.Variables)), query.Span.Start, query.Span.End, most)
	if err := row.Scan(&sum); err != nil {
		return "", classify("compute a fingerprint", err)
	}
	return source.Fingerprint(hex.EncodeToString(sum)), nil
}

// selectFingerprint is the definition of source.Fingerprint in SQL. PostgreSQL
// sorts NaN above infinity, so one comparison keeps both out.
func selectFingerprint(variables []string) string {
	var statement strings.Builder
	statement.WriteString(`SELECT substr(sha256($1::bytea || coalesce(string_agg(timestamptz_send(timestamp)`)
	for _, name := range variables {
		statement.WriteString(` || CASE WHEN ` + name + ` > '-Infinity' AND ` + name + ` < 'Infinity'` +
			` THEN '\x01'::bytea || float8send(` + name + `) ELSE '\x00'::bytea END`)
	}
	statement.WriteString(`, ''::bytea ORDER BY timestamp), ''::bytea)), 1, 16) FROM (` +
		`SELECT * FROM data WHERE timestamp >= $2 AND timestamp < $3 ORDER BY timestamp LIMIT $4) AS samples`)
	return statement.String()
}
