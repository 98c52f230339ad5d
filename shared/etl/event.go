package etl

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// Request asks for one run of one partition.
type Request struct {
	Partition  partition.Key
	AllowEmpty bool // publish the day even where the source has no sample of it
	Trigger    status.Trigger
	Attempt    int    // 1 for the first try of whoever triggers
	BackfillID string // the execution that asks, if one does
}

// event is a Request as JSON, in either of its forms.
type event struct {
	Partition     string `json:"partition"`
	ScheduledTime string `json:"scheduled_time"`
	AllowEmpty    bool   `json:"allow_empty"`
	Trigger       string `json:"trigger"`
	Attempt       *int   `json:"attempt"`
	BackfillID    string `json:"backfill_id"`
}

// maxBackfillID is how long an execution's name may be (Step Functions API
// Reference, StartExecution).
const maxBackfillID = 80

// maxEventBytes is far above any event that means something.
const maxEventBytes = 64 << 10

// ParseEvent reads an event of the etl function: either
// {"partition":"2026-02-26"} or the scheduler's
// {"scheduled_time":"2026-02-27T01:00:00Z"}, whose partition is the last day
// that had ended at that time. Optional members: allow_empty, trigger (manual,
// schedule, backfill), attempt (from 1), backfill_id. The error is an
// *InvalidEvent that names the field and the rule.
func ParseEvent(raw []byte, calendar partition.Calendar) (Request, error) {
	e, err := decodeEvent(raw)
	if err != nil {
		return Request{}, invalidEvent(err)
	}
	if len(e.BackfillID) > maxBackfillID {
		return Request{}, invalidEvent(fmt.Errorf("backfill_id: it has %d bytes; want at most %d", len(e.BackfillID), maxBackfillID))
	}
	request := Request{AllowEmpty: e.AllowEmpty, BackfillID: e.BackfillID, Attempt: 1}
	request.Partition, request.Trigger, err = e.whatAndWhy(calendar)
	if err != nil {
		return Request{}, invalidEvent(err)
	}
	if e.Attempt != nil {
		if *e.Attempt < 1 {
			return Request{}, invalidEvent(fmt.Errorf("attempt %d: want 1 or more", *e.Attempt))
		}
		request.Attempt = *e.Attempt
	}
	return request, nil
}

func decodeEvent(raw []byte) (event, error) {
	var e event
	if len(raw) > maxEventBytes {
		return e, fmt.Errorf("it has %d bytes; want at most %d", len(raw), maxEventBytes)
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&e); err != nil {
		return e, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return e, errors.New("something follows the JSON object")
	}
	return e, nil
}

func (e event) whatAndWhy(calendar partition.Calendar) (partition.Key, status.Trigger, error) {
	if (e.Partition == "") == (e.ScheduledTime == "") {
		return partition.Key{}, "", errors.New("want one of partition and scheduled_time")
	}
	trigger := status.Trigger(e.Trigger)
	switch trigger {
	case "", status.TriggerManual, status.TriggerSchedule, status.TriggerBackfill:
	default:
		return partition.Key{}, "", fmt.Errorf("trigger %q: want manual, schedule or backfill", e.Trigger)
	}
	if e.Partition != "" {
		key, err := partition.ParseKey(e.Partition)
		return key, orTrigger(trigger, status.TriggerManual), err
	}
	at, err := time.Parse(time.RFC3339, e.ScheduledTime)
	if err != nil {
		return partition.Key{}, "", fmt.Errorf("scheduled_time %q: want a time as 2026-02-27T01:00:00Z", e.ScheduledTime)
	}
	return calendar.LastEnded(at), orTrigger(trigger, status.TriggerSchedule), nil
}

func orTrigger(given, otherwise status.Trigger) status.Trigger {
	if given == "" {
		return otherwise
	}
	return given
}

func invalidEvent(cause error) error {
	return &InvalidEvent{failure{
		message: fmt.Sprintf(`the event cannot be run: %v; want {"partition":"2026-02-26"} or {"scheduled_time":"2026-02-27T01:00:00Z"}`, cause),
		cause:   cause,
	}}
}
