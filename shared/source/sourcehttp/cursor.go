package sourcehttp

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

const (
	positionBytes = 8
	sealBytes     = 16
)

// newCursor says, opaquely, that the page ended with the sample of this time, in Unix
// microseconds. It holds for the query that it came from, and no other.
func newCursor(q *dataQuery, last int64) string {
	data := binary.BigEndian.AppendUint64(make([]byte, 0, positionBytes+sealBytes), uint64(last))
	return base64.RawURLEncoding.EncodeToString(append(data, sealOf(q, data)...))
}

// openCursor reads a cursor of the query; it is not ok where it is another's, or leads
// out of the window.
func openCursor(q *dataQuery, cursor string) (last int64, ok bool) {
	if len(cursor) != base64.RawURLEncoding.EncodedLen(positionBytes+sealBytes) {
		return 0, false // DecodeString would skip line ends
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(data) != positionBytes+sealBytes {
		return 0, false
	}
	position, seal := data[:positionBytes], data[positionBytes:]
	last = int64(binary.BigEndian.Uint64(position))
	isInside := last >= q.Span.Start.UnixMicro() && last < q.Span.End.UnixMicro()
	return last, isInside && bytes.Equal(seal, sealOf(q, position))
}

// sealOf tells cursors of other queries, and those that were mangled. No secret is in it:
// whoever makes a cursor up reads no sample that the query does not ask for, and a reading
// goes on when the token is changed between two of its pages.
func sealOf(q *dataQuery, position []byte) []byte {
	seal := sha256.New()
	_, _ = fmt.Fprintf(seal, "delfos source cursor 2 %d %d %q %d ", q.Span.Start.UnixMicro(), q.Span.End.UnixMicro(), q.Variables, q.limit)
	seal.Write(position)
	return seal.Sum(nil)[:sealBytes]
}
