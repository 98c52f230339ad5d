package stepfunctions

import (
	"fmt"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/stepfunctions/history"
)

type listMapRunsRequest struct {
	ExecutionARN string `json:"executionArn"`
	listRequest
}

func (s *Service) listMapRuns(request listMapRunsRequest) (map[string]any, error) {
	size, err := pageSize(request.MaxResults)
	if err != nil {
		return nil, err
	}
	of := fmt.Sprint("mapRuns", request.ExecutionARN)
	from, err := decodeToken(of, request.NextToken, 0)
	if err != nil {
		return nil, err
	}
	t, number, err := s.find(request.ExecutionARN)
	if err != nil {
		return nil, err
	}
	defer t.mu.Unlock()
	answer, items := map[string]any{}, []map[string]any{}
	for _, run := range t.index.MapRuns {
		if run.Parent != number || int64(run.Number) <= from {
			continue
		}
		if len(items) == size {
			answer["nextToken"] = encodeToken(of, from)
			break
		}
		item := map[string]any{
			"executionArn": request.ExecutionARN, "mapRunArn": t.mapRunARN(run), "stateMachineArn": t.index.Header.MachineARN,
			"startDate": history.Seconds(run.Start),
		}
		if run.Status != history.Running {
			item["stopDate"] = history.Seconds(run.Stop)
		}
		items = append(items, item)
		if len(items) == size {
			from = int64(run.Number)
		}
	}
	answer["mapRuns"] = items
	return answer, nil
}

type mapRunRequest struct {
	MapRunARN string `json:"mapRunArn"`
}

func (s *Service) describeMapRun(request mapRunRequest) (map[string]any, error) {
	t, run, err := s.findMapRun(request.MapRunARN)
	if err != nil {
		return nil, err
	}
	defer t.mu.Unlock()
	executions, items := t.counts(run)
	answer := map[string]any{
		"mapRunArn": request.MapRunARN, "executionArn": t.executionARN(t.index.Executions[run.Parent]),
		"status": run.Status, "startDate": history.Seconds(run.Start), "maxConcurrency": run.MaxConcurrency,
		"toleratedFailureCount": int64(0), "toleratedFailurePercentage": float64(0),
		"executionCounts": executions, "itemCounts": items, "redriveCount": run.RedriveCount,
	}
	if run.ToleratedCount != nil {
		answer["toleratedFailureCount"] = *run.ToleratedCount
	}
	if run.ToleratedPercentage != nil {
		answer["toleratedFailurePercentage"] = *run.ToleratedPercentage
	}
	if run.Status != history.Running {
		answer["stopDate"] = history.Seconds(run.Stop)
	}
	if run.RedriveDate != 0 {
		answer["redriveDate"] = history.Seconds(run.RedriveDate)
	}
	return answer, nil
}

// counts are a Map Run's executionCounts and itemCounts; t.mu is held.
func (t *tree) counts(run *history.MapRun) (executions, items map[string]int) {
	executions, items = newCounts(run.Length), newCounts(run.Items)
	executions["pending"], items["pending"] = run.Length, run.Items
	for _, x := range t.index.Executions {
		if x.MapRun != run.Number {
			continue
		}
		count := func(member string) {
			executions[member]++
			items[member] += x.Items
		}
		executions["pending"]--
		items["pending"] -= x.Items
		count(countMembers[t.statusOf(x)])
		if x.Status != history.Running && x.Status != history.Success && !redrivable(x) {
			count("failuresNotRedrivable")
		}
		if run.Status == history.Success {
			count("resultsWritten")
		}
	}
	return executions, items
}

func newCounts(total int) map[string]int {
	counts := map[string]int{"total": total, "resultsWritten": 0, "failuresNotRedrivable": 0}
	for _, member := range countMembers {
		counts[member] = 0
	}
	return counts
}

var countMembers = map[string]string{
	"RUNNING": "running", "SUCCEEDED": "succeeded", "FAILED": "failed", "TIMED_OUT": "timedOut", "ABORTED": "aborted",
	pendingRedrive: "pendingRedrive",
}

type updateMapRunRequest struct {
	MapRunARN           string   `json:"mapRunArn"`
	MaxConcurrency      *int     `json:"maxConcurrency"`
	ToleratedCount      *int64   `json:"toleratedFailureCount"`
	ToleratedPercentage *float64 `json:"toleratedFailurePercentage"`
}

// updateMapRun changes a Map Run while it runs; it takes effect at once.
func (s *Service) updateMapRun(request updateMapRunRequest) (struct{}, error) {
	switch {
	case request.MaxConcurrency != nil && *request.MaxConcurrency < 0:
		return struct{}{}, invalid("Value '%d' at 'maxConcurrency' failed to satisfy constraint: want 0 or more", *request.MaxConcurrency)
	case request.ToleratedCount != nil && *request.ToleratedCount < 0:
		return struct{}{}, invalid("Value '%d' at 'toleratedFailureCount' failed to satisfy constraint: want 0 or more", *request.ToleratedCount)
	case request.ToleratedPercentage != nil && (*request.ToleratedPercentage < 0 || *request.ToleratedPercentage > 100):
		return struct{}{}, invalid("Value '%v' at 'toleratedFailurePercentage' failed to satisfy constraint: want 0 to 100", *request.ToleratedPercentage)
	}
	t, run, err := s.findMapRun(request.MapRunARN)
	if err != nil {
		return struct{}{}, err
	}
	defer t.mu.Unlock()
	if run.Status != history.Running || t.live == nil {
		return struct{}{}, &awsjson.Error{
			Type: "ValidationException", Message: fmt.Sprintf("Map Run '%s' has completed and cannot be updated", request.MapRunARN),
			Fields: map[string]any{"reason": "CANNOT_UPDATE_COMPLETED_MAP_RUN"},
		}
	}
	changed := *run
	if request.MaxConcurrency != nil {
		changed.MaxConcurrency = *request.MaxConcurrency
	}
	if request.ToleratedCount != nil {
		changed.ToleratedCount = request.ToleratedCount
	}
	if request.ToleratedPercentage != nil {
		changed.ToleratedPercentage = request.ToleratedPercentage
	}
	if err := t.append(history.Record{MapRun: &changed}); err != nil {
		return struct{}{}, err
	}
	if d := t.live.runs[run.Number]; d != nil {
		d.judge()
	}
	return struct{}{}, nil
}
