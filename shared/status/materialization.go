package status

import (
	"encoding/json"
	"math"
	"time"
)

// Materialization is the published result of a partition. Its JSON is part of
// the etl function's answer.
type Materialization struct {
	RunID          string    `json:"run_id"`
	Generation     int64     `json:"generation"`
	RowsRead       int64     `json:"rows_read"`
	SamplesMissing int64     `json:"samples_missing"` // samples that the day should have had besides
	Windows        int64     `json:"windows"`         // windows with a sample
	RowsWritten    int64     `json:"rows_written"`
	Fingerprint    string    `json:"fingerprint"` // of the source's content, as it was read
	Coverage       float64   `json:"coverage"`    // share of the expected samples that was there: 1 is all
	Duration       Durations `json:"duration_ms"`
	PublishedAt    time.Time `json:"published_at"`
}

// Durations is where a run's time went. It is stored, and written as JSON, in
// milliseconds, cut to whole microseconds.
type Durations struct {
	Extract, Aggregate, Load, Total time.Duration
}

// milliseconds is the form of Durations in JSON and in DynamoDB.
type milliseconds struct {
	Extract   float64 `json:"extract"`
	Aggregate float64 `json:"aggregate"`
	Load      float64 `json:"load"`
	Total     float64 `json:"total"`
}

// MarshalJSON writes an object of numbers, in milliseconds.
func (d Durations) MarshalJSON() ([]byte, error) { return json.Marshal(d.milliseconds()) }

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Durations) UnmarshalJSON(text []byte) error {
	var ms milliseconds
	if err := json.Unmarshal(text, &ms); err != nil {
		return err
	}
	*d = ms.durations()
	return nil
}

func (d Durations) milliseconds() milliseconds {
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	return milliseconds{ms(d.Extract), ms(d.Aggregate), ms(d.Load), ms(d.Total)}
}

func (m milliseconds) durations() Durations {
	duration := func(ms float64) time.Duration {
		return time.Duration(math.Round(ms*1000)) * time.Microsecond
	}
	return Durations{duration(m.Extract), duration(m.Aggregate), duration(m.Load), duration(m.Total)}
}
