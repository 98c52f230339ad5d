package status

import "strings"

// Types of failures that the status itself knows; all others are the Go type
// names of the etl function's errors.
const (
	FailureLeaseExpired = "LeaseExpired" // the run's lease ran out before it ended
	FailureCancelled    = "Cancelled"    // somebody cancelled the run
)

// Failure says why an attempt did not succeed.
type Failure struct {
	Type    string `json:"type"`    // the error's type, for machines
	Message string `json:"message"` // for people
}

// LeaseExpired is the failure of a run that died, or was cut off.
func LeaseExpired() Failure {
	return Failure{Type: FailureLeaseExpired, Message: "lost: the run died without an answer; run it again"}
}

// maxMessageBytes keeps an item far below DynamoDB's 400 KB, whatever an error
// has to say.
const maxMessageBytes = 4 << 10

// stored is the failure as it fits an item: its message is cut at 4 KB, and is
// valid UTF-8.
func (f Failure) stored() Failure {
	if len(f.Message) > maxMessageBytes {
		f.Message = f.Message[:maxMessageBytes-len("…")-3] // a cut rune loses up to 3 bytes more
		f.Message = strings.ToValidUTF8(f.Message, "") + "…"
	}
	f.Message = strings.ToValidUTF8(f.Message, "\uFFFD")
	return f
}
