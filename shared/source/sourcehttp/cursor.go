package sourcehttp

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
)

// cursorKey signs cursors. It comes from the token, so that no second secret is
// needed, and cursors end with the token that they were given under.
type cursorKey [sha256.Size]byte

func newCursorKey(token string) cursorKey {
	mac := hmac.New(sha256.New, []byte(token))
	mac.Write([]byte("delfos source cursor 1"))
	return cursorKey(mac.Sum(nil))
}

const (
	positionBytes  = 8
	signatureBytes = 16
)

// cursor says, opaquely, that the page ended with the sample of this time, in Unix
// microseconds. It holds for the query that it came from, and no other.
func (k cursorKey) cursor(q *dataQuery, last int64) string {
	data := binary.BigEndian.AppendUint64(make([]byte, 0, positionBytes+signatureBytes), uint64(last))
	return base64.RawURLEncoding.EncodeToString(append(data, k.sign(q, data)...))
}

// open reads a cursor of the query; it is not ok where the key did not sign it for
// that query.
func (k cursorKey) open(q *dataQuery, cursor string) (last int64, ok bool) {
	if len(cursor) != base64.RawURLEncoding.EncodedLen(positionBytes+signatureBytes) {
		return 0, false // DecodeString would skip line ends
	}
	data, err := base64.RawURLEncoding.Strict().DecodeString(cursor)
	if err != nil || len(data) != positionBytes+signatureBytes {
		return 0, false
	}
	position, signature := data[:positionBytes], data[positionBytes:]
	if !hmac.Equal(signature, k.sign(q, position)) {
		return 0, false
	}
	return int64(binary.BigEndian.Uint64(position)), true
}

func (k cursorKey) sign(q *dataQuery, position []byte) []byte {
	mac := hmac.New(sha256.New, k[:])
	_, _ = fmt.Fprintf(mac, "%d %d %q %d ", q.Span.Start.UnixMicro(), q.Span.End.UnixMicro(), q.Variables, q.limit)
	mac.Write(position)
	return mac.Sum(nil)[:signatureBytes]
}
