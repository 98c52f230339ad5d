package sqs

import (
	"encoding/base64"
	"strconv"
	"strings"
)

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
