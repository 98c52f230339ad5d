package logs

import (
	"fmt"
	"strings"
)

type describeLogGroupsRequest struct {
	LogGroupNamePrefix  string   `json:"logGroupNamePrefix"`
	LogGroupNamePattern string   `json:"logGroupNamePattern"`
	LogGroupIdentifiers []string `json:"logGroupIdentifiers"`
	LogGroupClass       string   `json:"logGroupClass"`
	NextToken           string   `json:"nextToken"`
	Limit               *int     `json:"limit"`
}

type logGroup struct {
	Name         string `json:"logGroupName"`
	ARN          string `json:"arn"`
	LogGroupARN  string `json:"logGroupArn"`
	Class        string `json:"logGroupClass"`
	CreationTime int64  `json:"creationTime"`
}

type describeLogGroupsAnswer struct {
	LogGroups []logGroup `json:"logGroups"`
	NextToken string     `json:"nextToken,omitempty"`
}

func (s *Store) describeLogGroups(request describeLogGroupsRequest) (*describeLogGroupsAnswer, error) {
	limit, err := limitOf(request.Limit, maxPageItems)
	if err != nil {
		return nil, err
	}
	if request.LogGroupNamePrefix != "" && request.LogGroupNamePattern != "" {
		return nil, invalidParameter("logGroupNamePrefix and logGroupNamePattern are mutually exclusive parameters.")
	}
	if len(request.LogGroupIdentifiers) > 0 {
		return nil, invalidParameter("the local CloudWatch Logs does not take logGroupIdentifiers; use logGroupNamePrefix")
	}
	if request.LogGroupClass != "" && request.LogGroupClass != "STANDARD" {
		return &describeLogGroupsAnswer{LogGroups: []logGroup{}}, nil
	}
	pattern := strings.ToLower(request.LogGroupNamePattern)
	groups := []logGroup{}
	s.mu.RLock()
	for name, one := range s.groups {
		if strings.HasPrefix(name, request.LogGroupNamePrefix) && strings.Contains(strings.ToLower(name), pattern) {
			arn := s.groupARN(name)
			groups = append(groups, logGroup{name, arn + ":*", arn, "STANDARD", one.created.UnixMilli()})
		}
	}
	s.mu.RUnlock()
	groups, next, err := page(groups, func(one logGroup) string { return one.Name }, false, request.NextToken, limit)
	return &describeLogGroupsAnswer{groups, next}, err
}

type describeLogStreamsRequest struct {
	LogGroupName        string `json:"logGroupName"`
	LogGroupIdentifier  string `json:"logGroupIdentifier"`
	LogStreamNamePrefix string `json:"logStreamNamePrefix"`
	OrderBy             string `json:"orderBy"`
	Descending          bool   `json:"descending"`
	NextToken           string `json:"nextToken"`
	Limit               *int   `json:"limit"`
}

type logStream struct {
	Name              string `json:"logStreamName"`
	ARN               string `json:"arn"`
	CreationTime      int64  `json:"creationTime"`
	FirstEvent        *int64 `json:"firstEventTimestamp,omitempty"`
	LastEvent         *int64 `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime *int64 `json:"lastIngestionTime,omitempty"`
	StoredBytes       int64  `json:"storedBytes"` // always 0, as on AWS since 2019
}

type describeLogStreamsAnswer struct {
	LogStreams []logStream `json:"logStreams"`
	NextToken  string      `json:"nextToken,omitempty"`
}

func (s *Store) describeLogStreams(request describeLogStreamsRequest) (*describeLogStreamsAnswer, error) {
	key, err := streamOrder(request)
	if err != nil {
		return nil, err
	}
	limit, err := limitOf(request.Limit, maxPageItems)
	if err != nil {
		return nil, err
	}
	groupName, err := groupOf(request.LogGroupName, request.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	found, ok := s.streamsOf(groupName)
	if !ok {
		return nil, notFound("log group")
	}
	streams := []logStream{}
	for _, one := range found {
		if !strings.HasPrefix(one.name, request.LogStreamNamePrefix) {
			continue
		}
		described, err := s.describeStream(groupName, one)
		if err != nil {
			return nil, err
		}
		streams = append(streams, described)
	}
	streams, next, err := page(streams, key, request.Descending, request.NextToken, limit)
	return &describeLogStreamsAnswer{streams, next}, err
}

// streamOrder gives the key that streams are sorted by.
func streamOrder(request describeLogStreamsRequest) (func(logStream) string, error) {
	switch request.OrderBy {
	case "", "LogStreamName":
		return func(one logStream) string { return one.Name }, nil
	case "LastEventTime":
		if request.LogStreamNamePrefix != "" {
			return nil, invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.")
		}
		return func(one logStream) string {
			if one.LastEvent == nil {
				return "/" + one.Name // before every digit
			}
			return fmt.Sprintf("%020d/%s", max(*one.LastEvent, 0), one.Name)
		}, nil
	}
	return nil, invalidParameter("orderBy %q: want LogStreamName or LastEventTime", request.OrderBy)
}

func (s *Store) describeStream(groupName string, one *stream) (logStream, error) {
	covers, err := one.describe()
	described := logStream{
		Name:         one.name,
		ARN:          s.groupARN(groupName) + ":log-stream:" + one.name,
		CreationTime: covers.created,
	}
	if !covers.empty {
		described.FirstEvent, described.LastEvent, described.LastIngestionTime = &covers.first, &covers.last, &covers.ingested
	}
	return described, err
}
