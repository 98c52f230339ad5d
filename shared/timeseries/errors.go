package timeseries

import (
	"fmt"
	"time"
)

// SampleError says that a sample is not where it belongs in the stream.
type SampleError struct {
	Time   time.Time // the sample's, UTC
	Reason string
}

// Error names the instant and the reason.
func (e *SampleError) Error() string {
	return fmt.Sprintf("sample at %s: %s", stamp(e.Time), e.Reason)
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
