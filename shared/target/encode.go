package target

import (
	"encoding/binary"
	"math"
)

// The binary COPY format (PostgreSQL manual, COPY, "Binary Format").
var copySignature = []byte("PGCOPY\n\xff\r\n\x00")

const (
	copyHeaderBytes = 19
	copyRowBytes    = 2 + 4 + 8 + 4 + 4 + 4 + 8
	// postgresEpoch is 2000-01-01 in Unix microseconds, which timestamptz counts from.
	postgresEpoch = 946_684_800_000_000
)

// encode writes rows of (timestamp, signal_id, value), all at once: pgx's own
// CopyFrom asks the server for the columns' types first, a round trip more.
func encode(rows []Row, ids map[string]int32) []byte {
	b := make([]byte, 0, copyHeaderBytes+len(rows)*copyRowBytes+2)
	b = append(b, copySignature...)
	b = append(b, 0, 0, 0, 0, 0, 0, 0, 0) // no flags, no header extension
	for _, row := range rows {
		b = binary.BigEndian.AppendUint16(b, 3)
		b = binary.BigEndian.AppendUint32(b, 8)
		b = binary.BigEndian.AppendUint64(b, uint64(row.Time.UnixMicro()-postgresEpoch))
		b = binary.BigEndian.AppendUint32(b, 4)
		b = binary.BigEndian.AppendUint32(b, uint32(ids[row.Signal]))
		b = appendFloat(b, row.Value)
	}
	return binary.BigEndian.AppendUint16(b, math.MaxUint16) // the end: a field count of -1
}

func appendFloat(b []byte, value float64) []byte {
	if math.IsNaN(value) {
		return binary.BigEndian.AppendUint32(b, math.MaxUint32) // a length of -1: NULL
	}
	b = binary.BigEndian.AppendUint32(b, 8)
	return binary.BigEndian.AppendUint64(b, math.Float64bits(value))
}
