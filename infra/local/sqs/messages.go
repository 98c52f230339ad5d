package sqs

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

type sendRequest struct {
	QueueURL          string `json:"QueueUrl"`
	MessageBody       *string
	DelaySeconds      *int
	MessageAttributes map[string]attribute
}

func (s *Service) sendMessage(request sendRequest) (any, error) {
	name, err := s.nameOf(request.QueueURL)
	if err != nil {
		return nil, err
	}
	if request.MessageBody == nil {
		return nil, refuse("MissingParameter", "The request must contain the parameter MessageBody.")
	}
	sent, err := s.send(name, *request.MessageBody, request.MessageAttributes, request.DelaySeconds)
	if err != nil {
		return nil, err
	}
	return struct {
		MessageID              string `json:"MessageId"`
		MD5OfMessageBody       string
		MD5OfMessageAttributes string `json:",omitempty"`
	}{sent.ID, digest(sent.Body), digestAttributes(sent.Attributes)}, nil
}

// send adds a message; delay is the queue's where it is nil.
func (s *Service) send(queueName, body string, attributes map[string]attribute, delay *int) (*message, error) {
	if err := checkBody(body); err != nil {
		return nil, err
	}
	if err := checkAttributes(attributes); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.findLocked(queueName)
	if err != nil {
		return nil, err
	}
	if limit := q.settings.MaximumMessageSize; len(body)+sizeOf(attributes) > limit {
		return nil, refuse("InvalidParameterValue", "One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", limit)
	}
	wait := q.settings.DelaySeconds
	if delay != nil {
		if wait = *delay; wait < 0 || wait > 900 {
			return nil, refuse("InvalidParameterValue", "Value %d for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= 900.", wait)
		}
	}
	sent := &message{ID: s.options.NewID(), Body: body, Attributes: attributes, Sent: s.options.Now()}
	if err := s.recordLocked(change{Queue: queueName, Send: sent}); err != nil {
		return nil, err
	}
	sent.visibleAt = sent.Sent.Add(seconds(wait))
	q.wake()
	return sent, s.compactLocked()
}

// checkBody refuses what XML 1.0 cannot hold (Amazon SQS API Reference, SendMessage).
func checkBody(body string) error {
	if body == "" {
		return refuse("MissingParameter", "The request must contain the parameter MessageBody.")
	}
	bad := func(r rune) bool {
		return (r < 0x20 && r != '\t' && r != '\n' && r != '\r') || r == 0xFFFE || r == 0xFFFF
	}
	if !utf8.ValidString(body) || strings.ContainsFunc(body, bad) {
		return refuse("InvalidMessageContents", "MessageBody: it has characters that are not allowed: want Unicode without control characters but tab, line feed and carriage return")
	}
	return nil
}

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

// receiptOf makes a receipt handle: the message's id and which receive it was.
func receiptOf(m *message) string {
	return base64.StdEncoding.EncodeToString([]byte(m.ID + " " + strconv.Itoa(m.receives)))
}

// idOf is the id of the message of a receipt; "" if it is none.
func idOf(receipt string) string {
	text, err := base64.StdEncoding.DecodeString(receipt)
	id, _, ok := strings.Cut(string(text), " ")
	if err != nil || !ok {
		return ""
	}
	return id
}

type deleteRequest struct {
	QueueURL      string `json:"QueueUrl"`
	ReceiptHandle string
}

func (s *Service) deleteMessage(request deleteRequest) (any, error) {
	name, err := s.nameOf(request.QueueURL)
	if err != nil {
		return nil, err
	}
	if idOf(request.ReceiptHandle) == "" {
		return nil, refuse("ReceiptHandleIsInvalid", "The input receipt handle %q is invalid.", request.ReceiptHandle)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.findLocked(name)
	if err != nil {
		return nil, err
	}
	if at, ok := q.find(request.ReceiptHandle); ok {
		return nil, s.recordLocked(change{Queue: name, Delete: q.messages[at].ID})
	}
	return nil, nil // deleted before, which is no error
}

type visibilityRequest struct {
	QueueURL          string `json:"QueueUrl"`
	ReceiptHandle     string
	VisibilityTimeout *int
}

func (s *Service) changeMessageVisibility(request visibilityRequest) (any, error) {
	name, err := s.nameOf(request.QueueURL)
	if err != nil {
		return nil, err
	}
	if request.VisibilityTimeout == nil {
		return nil, refuse("MissingParameter", "The request must contain the parameter VisibilityTimeout.")
	}
	timeout, err := within("VisibilityTimeout", request.VisibilityTimeout, 0, 43_200, 0)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.findLocked(name)
	if err != nil {
		return nil, err
	}
	at, ok := q.find(request.ReceiptHandle)
	if !ok || q.messages[at].receipt != request.ReceiptHandle {
		return nil, refuse("ReceiptHandleIsInvalid", "The input receipt handle %q is not that of the last receive of a message.", request.ReceiptHandle)
	}
	now := s.options.Now()
	if !q.messages[at].visibleAt.After(now) {
		return nil, refuse("MessageNotInflight", "The message referred to isn't in flight.")
	}
	q.messages[at].visibleAt = now.Add(seconds(timeout))
	q.wake()
	return nil, nil
}
