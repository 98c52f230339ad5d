package sqs

import (
	"context"
	"slices"
	"strconv"
	"time"
)

type receiveRequest struct {
	QueueURL                    string `json:"QueueUrl"`
	AttributeNames              []string
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
}

// received is a Message of the API.
type received struct {
	MessageID              string `json:"MessageId"`
	ReceiptHandle          string
	Body                   string
	MD5OfBody              string
	Attributes             map[string]string    `json:",omitempty"`
	MessageAttributes      map[string]attribute `json:",omitempty"`
	MD5OfMessageAttributes string               `json:",omitempty"`
}

func within(name string, value *int, low, high, initial int) (int, error) {
	if value == nil {
		return initial, nil
	}
	if *value < low || *value > high {
		return 0, refuse("InvalidParameterValue", "Value %d for parameter %s is invalid. Reason: Must be between %d and %d, if provided.", *value, name, low, high)
	}
	return *value, nil
}

// receiveMessage waits, where it is asked to, until there is a message.
func (s *Service) receiveMessage(ctx context.Context, request receiveRequest) (any, error) {
	name, err := s.nameOf(request.QueueURL)
	if err != nil {
		return nil, err
	}
	limit, err := within("MaxNumberOfMessages", request.MaxNumberOfMessages, 1, 10, 1)
	if err != nil {
		return nil, err
	}
	began := s.options.Now()
	for {
		taken, look, err := s.take(name, limit, request)
		if err != nil || len(taken) > 0 {
			return map[string]any{"Messages": s.present(taken, request)}, err
		}
		now := s.options.Now()
		left := seconds(look.wait) - now.Sub(began)
		if left <= 0 {
			return map[string]any{}, nil
		}
		if !look.nextVisible.IsZero() {
			left = min(left, look.nextVisible.Sub(now))
		}
		select {
		case <-look.arrived:
		case <-s.options.After(left):
		case <-s.closed:
			return nil, ErrClosed
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// A lookout says how long to wait for a message, and for what.
type lookout struct {
	wait        int // seconds in all
	arrived     <-chan struct{}
	nextVisible time.Time
}

func (s *Service) take(name string, limit int, request receiveRequest) ([]*message, lookout, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.findLocked(name)
	if err != nil {
		return nil, lookout{}, err
	}
	timeout, err := within("VisibilityTimeout", request.VisibilityTimeout, 0, 43_200, q.settings.VisibilityTimeout)
	if err != nil {
		return nil, lookout{}, err
	}
	wait, err := within("WaitTimeSeconds", request.WaitTimeSeconds, 0, 20, q.settings.ReceiveMessageWaitTimeSeconds)
	if err != nil {
		return nil, lookout{}, err
	}
	taken, nextVisible := q.take(s.options.Now(), limit, seconds(timeout), receiptOf)
	return taken, lookout{wait, q.arrived, nextVisible}, nil
}

func (s *Service) present(taken []*message, request receiveRequest) []received {
	system := slices.Concat(request.AttributeNames, request.MessageSystemAttributeNames)
	messages := make([]received, 0, len(taken))
	for _, one := range taken {
		shown := received{
			MessageID: one.ID, ReceiptHandle: one.receipt, Body: one.Body, MD5OfBody: digest(one.Body),
			Attributes: map[string]string{}, MessageAttributes: selectAttributes(one.Attributes, request.MessageAttributeNames),
		}
		shown.MD5OfMessageAttributes = digestAttributes(shown.MessageAttributes)
		for name, value := range map[string]string{
			"SenderId":                         s.options.AccountID,
			"SentTimestamp":                    strconv.FormatInt(one.Sent.UnixMilli(), 10),
			"ApproximateReceiveCount":          strconv.Itoa(one.receives),
			"ApproximateFirstReceiveTimestamp": strconv.FormatInt(one.firstReceived.UnixMilli(), 10),
		} {
			if slices.Contains(system, "All") || slices.Contains(system, name) {
				shown.Attributes[name] = value
			}
		}
		messages = append(messages, shown)
	}
	return messages
}
