package stepfunctions

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"delfos/infra/local/stepfunctions/history"
)

type listExecutionsRequest struct {
	StateMachineARN string `json:"stateMachineArn"`
	MapRunARN       string `json:"mapRunArn"`
	StatusFilter    string `json:"statusFilter"`
	RedriveFilter   string `json:"redriveFilter"`
	MaxResults      int    `json:"maxResults"`
	NextToken       string `json:"nextToken"`
}

func (r listExecutionsRequest) check() error {
	if (r.StateMachineARN == "") == (r.MapRunARN == "") {
		return invalid("Must specify exactly one of 'stateMachineArn' and 'mapRunArn'")
	}
	statuses := []string{"", "RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", pendingRedrive}
	if !slices.Contains(statuses, r.StatusFilter) {
		return invalid("Value '%s' at 'statusFilter' failed to satisfy constraint: want one of%s", r.StatusFilter, strings.Join(statuses, " "))
	}
	if r.RedriveFilter != "" && r.RedriveFilter != "REDRIVEN" && r.RedriveFilter != "NOT_REDRIVEN" {
		return invalid("Value '%s' at 'redriveFilter' failed to satisfy constraint: want REDRIVEN or NOT_REDRIVEN", r.RedriveFilter)
	}
	return nil
}

func (r listExecutionsRequest) takes(status string, redrives int) bool {
	return (r.StatusFilter == "" || r.StatusFilter == status) &&
		(r.RedriveFilter == "" || (r.RedriveFilter == "REDRIVEN") == (redrives > 0))
}

// listExecutions lists the latest first.
func (s *Service) listExecutions(request listExecutionsRequest) (map[string]any, error) {
	if err := request.check(); err != nil {
		return nil, err
	}
	size, err := pageSize(request.MaxResults)
	if err != nil {
		return nil, err
	}
	of := fmt.Sprint("executions", request.StateMachineARN, request.MapRunARN, request.StatusFilter, request.RedriveFilter)
	before, err := decodeToken(of, request.NextToken, 1<<62)
	if err != nil {
		return nil, err
	}
	take := s.topLevel
	if request.MapRunARN != "" {
		take = s.childrenOf
	}
	items, last, err := take(request, before, size)
	if err != nil {
		return nil, err
	}
	answer := map[string]any{"executions": items}
	if last != 0 {
		answer["nextToken"] = encodeToken(of, last)
	}
	return answer, nil
}

// topLevel lists the executions of a state machine whose number is before another;
// last is the last one's where there are more.
func (s *Service) topLevel(request listExecutionsRequest, before int64, size int) (items []map[string]any, last int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.machineLocked(request.StateMachineARN); err != nil {
		return nil, 0, err
	}
	var found []*entry
	for _, e := range s.entries {
		if e.Machine == request.StateMachineARN && int64(e.Number) < before && request.takes(string(e.Status), e.RedriveCount) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *entry) int { return cmp.Compare(b.Number, a.Number) })
	if len(found) > size {
		found = found[:size]
		last = int64(found[size-1].Number)
	}
	items = make([]map[string]any, len(found))
	for i, e := range found {
		items[i] = listed(e.ARN, e.Name, e.Machine, string(e.Status), &history.Execution{
			Status: e.Status, Start: e.Start, Stop: e.Stop, RedriveCount: e.RedriveCount, RedriveDate: e.RedriveDate,
		})
	}
	return items, last, nil
}

// childrenOf lists the children of a Map Run likewise.
func (s *Service) childrenOf(request listExecutionsRequest, before int64, size int) (items []map[string]any, last int64, err error) {
	t, run, err := s.findMapRun(request.MapRunARN)
	if err != nil {
		return nil, 0, err
	}
	defer t.mu.Unlock()
	items = []map[string]any{}
	for _, x := range slices.Backward(t.index.Executions) {
		if x.MapRun != run.Number || int64(x.Number) >= before || !request.takes(t.statusOf(x), x.RedriveCount) {
			continue
		}
		if len(items) == size {
			return items, last, nil
		}
		item := t.listed(x)
		item["mapRunArn"], item["itemCount"] = request.MapRunARN, x.Items
		items, last = append(items, item), int64(x.Number)
	}
	return items, 0, nil
}
