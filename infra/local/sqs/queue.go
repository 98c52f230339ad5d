package sqs

import (
	"strconv"
	"time"
)

// A queue holds its messages in the order in which they came. It is guarded by
// Service.mu.
type queue struct {
	name     string
	settings settings
	created  time.Time
	modified time.Time
	messages []*message
	arrived  chan struct{} // closed, and replaced, when a message may have become visible
}

// A message is one in a queue. What is exported is in the journal.
type message struct {
	ID         string
	Body       string
	Attributes map[string]attribute
	Sent       time.Time

	visibleAt     time.Time // delayed or in flight before
	firstReceived time.Time
	receives      int
	receipt       string // of the last receive
}

func newQueue(name string, s settings, created time.Time) *queue {
	return &queue{name: name, settings: s, created: created, modified: created, arrived: make(chan struct{})}
}

// wake lets long polls look again.
func (q *queue) wake() {
	close(q.arrived)
	q.arrived = make(chan struct{})
}

// expire drops messages that are older than the retention period.
func (q *queue) expire(now time.Time) {
	oldest := now.Add(-seconds(q.settings.MessageRetentionPeriod))
	for len(q.messages) > 0 && q.messages[0].Sent.Before(oldest) {
		q.messages[0] = nil
		q.messages = q.messages[1:]
	}
}

// take receives up to limit visible messages. With none, it tells when one becomes
// visible, if any will.
func (q *queue) take(now time.Time, limit int, timeout time.Duration, receipt func(*message) string) (taken []*message, nextVisible time.Time) {
	for _, one := range q.messages {
		if one.visibleAt.After(now) {
			if nextVisible.IsZero() || one.visibleAt.Before(nextVisible) {
				nextVisible = one.visibleAt
			}
			continue
		}
		if len(taken) == limit {
			break
		}
		one.receives++
		if one.firstReceived.IsZero() {
			one.firstReceived = now
		}
		one.visibleAt = now.Add(timeout)
		one.receipt = receipt(one)
		copied := *one
		taken = append(taken, &copied)
	}
	return taken, nextVisible
}

// find looks a message up by the receipt of any of its receives.
func (q *queue) find(receipt string) (at int, ok bool) {
	id := idOf(receipt)
	for i, one := range q.messages {
		if one.ID == id {
			return i, true
		}
	}
	return 0, false
}

// counts are the approximate numbers of GetQueueAttributes, which are exact here.
func (q *queue) counts(now time.Time) map[string]string {
	visible, inFlight, delayed := 0, 0, 0
	for _, one := range q.messages {
		switch {
		case !one.visibleAt.After(now):
			visible++
		case one.receives > 0:
			inFlight++
		default:
			delayed++
		}
	}
	return map[string]string{
		"ApproximateNumberOfMessages":           strconv.Itoa(visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(inFlight),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(delayed),
	}
}
