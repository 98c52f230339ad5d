package sqs

import (
	"context"
	"encoding/base64"
	"maps"
	"slices"
	"strconv"
	"strings"

	"delfos/infra/local/awsjson"
)

// TargetPrefix is SQS's.
func (s *Service) TargetPrefix() string { return "AmazonSQS" }

// Call carries out one operation.
func (s *Service) Call(ctx context.Context, operation string, body []byte) (any, error) {
	switch operation {
	case "CreateQueue":
		return answer(body, s.createQueue)
	case "GetQueueUrl":
		return answer(body, s.getQueueURL)
	case "GetQueueAttributes":
		return answer(body, s.getQueueAttributes)
	case "ListQueues":
		return answer(body, s.listQueues)
	case "SendMessage":
		return answer(body, s.sendMessage)
	case "ReceiveMessage":
		return answer(body, func(r receiveRequest) (any, error) { return s.receiveMessage(ctx, r) })
	case "DeleteMessage":
		return answer(body, s.deleteMessage)
	case "ChangeMessageVisibility":
		return answer(body, s.changeMessageVisibility)
	case "PurgeQueue":
		return answer(body, s.purgeQueue)
	}
	return nil, awsjson.UnknownOperation("SQS", operation)
}

func answer[Q any](body []byte, operation func(Q) (any, error)) (any, error) {
	request, err := awsjson.Decode[Q](body)
	if err != nil {
		return nil, err
	}
	return operation(request)
}

// queryCodes are the error codes of SQS's older query protocol, which the AWS CLI
// and SDKs go on to show.
var queryCodes = map[string]string{
	"QueueDoesNotExist":    "AWS.SimpleQueueService.NonExistentQueue",
	"QueueNameExists":      "QueueAlreadyExists",
	"MessageNotInflight":   "AWS.SimpleQueueService.MessageNotInflight",
	"UnsupportedOperation": "AWS.SimpleQueueService.UnsupportedOperation",
}

// refuse makes an error as SQS says it.
func refuse(errorType, format string, args ...any) error {
	refused := awsjson.Errorf(errorType, format, args...)
	refused.QueryCode = queryCodes[errorType]
	return refused
}

type createQueueRequest struct {
	QueueName  string
	Attributes map[string]string
	Tags       map[string]string `json:"tags"` // told by no operation that there is
}

func (s *Service) createQueue(request createQueueRequest) (any, error) {
	wanted, err := parseSettings(request.QueueName, request.Attributes)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if found := s.queues[request.QueueName]; found != nil {
		has := found.settings.attributes()
		for _, name := range slices.Sorted(maps.Keys(request.Attributes)) {
			if has[name] != wanted.attributes()[name] {
				return nil, refuse("QueueNameExists", "A queue already exists with the same name and a different value for attribute %s", name)
			}
		}
	} else if err := s.putQueueLocked(request.QueueName, wanted); err != nil {
		return nil, err
	}
	return map[string]string{"QueueUrl": s.URL(request.QueueName)}, nil
}

type getQueueURLRequest struct {
	QueueName              string
	QueueOwnerAWSAccountID string `json:"QueueOwnerAWSAccountId"`
}

func (s *Service) getQueueURL(request getQueueURLRequest) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if owner := request.QueueOwnerAWSAccountID; owner != "" && owner != s.options.AccountID {
		return nil, refuse("QueueDoesNotExist", "The specified queue does not exist.")
	}
	if _, err := s.findLocked(request.QueueName); err != nil {
		return nil, err
	}
	return map[string]string{"QueueUrl": s.URL(request.QueueName)}, nil
}

// nameOf takes the name out of a queue's URL. Host and port may be any: a client in
// a container knows the endpoint by another name.
func (s *Service) nameOf(queueURL string) (string, error) {
	if queueURL == "" {
		return "", refuse("MissingParameter", "The request must contain the parameter QueueUrl.")
	}
	if _, name, ok := strings.Cut(queueURL, "/"+s.options.AccountID+"/"); ok && queueName.MatchString(name) {
		return name, nil
	}
	return "", refuse("InvalidAddress", "QueueUrl %q: want one such as %s", queueURL, s.URL("name"))
}

type attributesRequest struct {
	QueueURL       string `json:"QueueUrl"`
	AttributeNames []string
}

func (s *Service) getQueueAttributes(request attributesRequest) (any, error) {
	name, err := s.nameOf(request.QueueURL)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.findLocked(name)
	if err != nil {
		return nil, err
	}
	all := found.settings.attributes()
	maps.Copy(all, found.counts(s.options.Now()))
	all["QueueArn"] = s.ARN(name)
	all["CreatedTimestamp"] = strconv.FormatInt(found.created.Unix(), 10)
	all["LastModifiedTimestamp"] = strconv.FormatInt(found.modified.Unix(), 10)
	selected := map[string]string{}
	for _, wanted := range request.AttributeNames {
		if wanted == "All" {
			selected = all
			break
		}
		value, ok := all[wanted]
		if !ok {
			return nil, refuse("InvalidAttributeName", "Unknown Attribute %s.", wanted)
		}
		selected[wanted] = value
	}
	return map[string]any{"Attributes": selected}, nil
}

type listQueuesRequest struct {
	QueueNamePrefix string
	NextToken       string
	MaxResults      *int
}

func (s *Service) listQueues(request listQueuesRequest) (any, error) {
	limit := 1000
	if request.MaxResults != nil {
		if limit = *request.MaxResults; limit < 1 || limit > 1000 {
			return nil, refuse("InvalidParameterValue", "MaxResults %d: want 1 to 1000", limit)
		}
	}
	after, err := base64.URLEncoding.DecodeString(request.NextToken)
	if err != nil {
		return nil, refuse("InvalidParameterValue", "NextToken: it is not one that ListQueues gave")
	}
	page := struct {
		QueueUrls []string
		NextToken string `json:",omitempty"`
	}{QueueUrls: []string{}}
	for _, name := range s.Names() {
		if name <= string(after) || !strings.HasPrefix(name, request.QueueNamePrefix) {
			continue
		}
		if len(page.QueueUrls) == limit {
			last := page.QueueUrls[limit-1]
			page.NextToken = base64.URLEncoding.EncodeToString([]byte(last[strings.LastIndex(last, "/")+1:]))
			break
		}
		page.QueueUrls = append(page.QueueUrls, s.URL(name))
	}
	return page, nil
}

type purgeRequest struct {
	QueueURL string `json:"QueueUrl"`
}

func (s *Service) purgeQueue(request purgeRequest) (any, error) {
	name, err := s.nameOf(request.QueueURL)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.findLocked(name); err != nil {
		return nil, err
	}
	return nil, s.recordLocked(change{Queue: name, Purge: true})
}
