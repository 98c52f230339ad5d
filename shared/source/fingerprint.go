package source

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"math"
	"strings"
)

// Fingerprint is the content of a window in one value: 32 hexadecimal digits.
// Two windows with the same variables and samples have the same fingerprint.
//
// It is the first half of a SHA-256 over FingerprintPrefix and then, per row in
// time order, the microseconds since 2000-01-01 UTC as 8 big-endian bytes, and per
// variable either 1 and the value as 8 big-endian IEEE 754 bytes, or 0 for null,
// NaN and the infinities. Times and values are laid out as PostgreSQL's
// timestamptz_send and float8send do, so that SQL computes the same value.
type Fingerprint string

// FingerprintPrefix is what the hash begins with: the version of the definition
// and the variables.
func FingerprintPrefix(variables []string) string {
	return "delfos-1:" + strings.Join(variables, ",") + "\n"
}

// ETag is the fingerprint as a strong entity tag (RFC 9110, section 8.8.3).
func (f Fingerprint) ETag() string { return `"` + string(f) + `"` }

// parseETag reads what ETag wrote.
func parseETag(tag string) (Fingerprint, bool) {
	digits, opened := strings.CutPrefix(tag, `"`)
	digits, closed := strings.CutSuffix(digits, `"`)
	_, err := hex.DecodeString(digits)
	return Fingerprint(digits), opened && closed && err == nil && len(digits) == 32 && digits == strings.ToLower(digits)
}

// microsTo2000 is the Unix time of PostgreSQL's epoch, in microseconds.
const microsTo2000 = 946_684_800_000_000

// hashChunk is how many bytes are gathered before they are hashed.
const hashChunk = 8 << 10

// Hasher computes a fingerprint from rows in time order.
type Hasher struct {
	sum     hash.Hash
	pending []byte
}

// NewHasher begins the fingerprint of rows of these variables.
func NewHasher(variables []string) *Hasher {
	h := &Hasher{sum: sha256.New(), pending: make([]byte, 0, hashChunk+1<<10)}
	h.Reset(variables)
	return h
}

// Reset begins anew, and keeps the memory.
func (h *Hasher) Reset(variables []string) {
	h.sum.Reset()
	h.pending = append(h.pending[:0], FingerprintPrefix(variables)...)
}

// AddRow adds one sample: its Unix time in microseconds and a value per variable.
func (h *Hasher) AddRow(micros int64, values []float64) {
	h.addTime(micros)
	for _, value := range values {
		h.addValue(value)
	}
}

// Add adds samples.
func (h *Hasher) Add(rows *Rows) {
	for i, micros := range rows.Times {
		h.addTime(micros)
		for _, values := range rows.Values {
			h.addValue(values[i])
		}
	}
}

func (h *Hasher) addTime(micros int64) {
	if len(h.pending) >= hashChunk {
		h.flush()
	}
	h.pending = binary.BigEndian.AppendUint64(h.pending, uint64(micros-microsTo2000))
}

func (h *Hasher) addValue(value float64) {
	if value-value != 0 { // NaN and the infinities
		h.pending = append(h.pending, 0)
		return
	}
	h.pending = binary.BigEndian.AppendUint64(append(h.pending, 1), math.Float64bits(value))
}

func (h *Hasher) flush() {
	_, _ = h.sum.Write(h.pending) // a hash.Hash never returns an error
	h.pending = h.pending[:0]
}

// Sum is the fingerprint of what was added so far; more can be added after it.
func (h *Hasher) Sum() Fingerprint {
	h.flush()
	var full [sha256.Size]byte
	return Fingerprint(hex.EncodeToString(h.sum.Sum(full[:0])[:16]))
}
