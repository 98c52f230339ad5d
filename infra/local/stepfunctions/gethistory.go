package stepfunctions

import (
	"fmt"
	"slices"

	"delfos/infra/local/stepfunctions/history"
)

type historyRequest struct {
	ExecutionARN string `json:"executionArn"`
	MaxResults   int    `json:"maxResults"`
	ReverseOrder bool   `json:"reverseOrder"`
	IncludeData  *bool  `json:"includeExecutionData"`
	NextToken    string `json:"nextToken"`
}

func (s *Service) getExecutionHistory(request historyRequest) (map[string]any, error) {
	size, err := pageSize(request.MaxResults)
	if err != nil {
		return nil, err
	}
	of := fmt.Sprint("history", request.ExecutionARN, request.ReverseOrder)
	after, err := decodeToken(of, request.NextToken, 0)
	if err != nil {
		return nil, err
	}
	t, number, err := s.find(request.ExecutionARN)
	if err != nil {
		return nil, err
	}
	offsets := slices.Clone(t.index.Executions[number].Offsets)
	t.mu.Unlock()
	if request.ReverseOrder {
		slices.Reverse(offsets)
	}
	offsets = offsets[min(int(after), len(offsets)):]
	answer := map[string]any{}
	if len(offsets) > size {
		offsets = offsets[:size]
		answer["nextToken"] = encodeToken(of, after+int64(size))
	}
	withData := request.IncludeData == nil || *request.IncludeData
	events := make([]map[string]any, 0, len(offsets))
	err = t.events(offsets, func(event *history.Event) { events = append(events, event.Document(withData)) })
	answer["events"] = events
	return answer, err
}
