package sqs

import (
	"strings"
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
