package stepfunctions

import (
	"delfos/infra/local/stepfunctions/history"
)

type executionRequest struct {
	ExecutionARN string `json:"executionArn"`
	IncludedData string `json:"includedData"`
}

func (s *Service) describeExecution(request executionRequest) (map[string]any, error) {
	t, number, err := s.find(request.ExecutionARN)
	if err != nil {
		return nil, err
	}
	defer t.mu.Unlock()
	x := t.index.Executions[number]
	answer := t.listed(x)
	answer["redriveStatus"], answer["redriveStatusReason"] = t.redriveStatus(x)
	if answer["redriveStatusReason"] == "" {
		delete(answer, "redriveStatusReason")
	}
	if x.MapRun != 0 {
		answer["mapRunArn"] = t.mapRunARN(t.index.MapRuns[x.MapRun-1])
	}
	if trace := t.index.Header.TraceHeader; trace != "" {
		answer["traceHeader"] = trace
	}
	offsets := x.Offsets[:1:1]
	if x.Status != history.Running {
		offsets = append(offsets, x.Offsets[len(x.Offsets)-1])
	}
	withData := request.IncludedData != "METADATA_ONLY"
	return answer, t.events(offsets, func(event *history.Event) { describeEvent(answer, event, withData) })
}

// describeEvent adds what the first and the last event have to a description.
func describeEvent(answer map[string]any, event *history.Event, withData bool) {
	included := map[string]any{"included": true}
	if event.Type == history.ExecutionStarted && withData {
		answer["input"], answer["inputDetails"] = string(event.Input), included
	}
	if event.Type == history.ExecutionSucceeded && withData {
		answer["output"], answer["outputDetails"] = string(event.Output), included
	}
	if event.Error != "" {
		answer["error"] = event.Error
	}
	if event.Cause != "" {
		answer["cause"] = event.Cause
	}
}

// listed is what descriptions and lists of executions share; t.mu is held.
func (t *tree) listed(x *history.Execution) map[string]any {
	return listed(t.executionARN(x), t.executionName(x), t.machineARN(x), t.statusOf(x), x)
}

func listed(arn, name, machineARN, status string, x *history.Execution) map[string]any {
	item := map[string]any{
		"executionArn": arn, "name": name, "stateMachineArn": machineARN, "status": status,
		"startDate": history.Seconds(x.Start), "redriveCount": x.RedriveCount,
	}
	if x.Status != history.Running {
		item["stopDate"] = history.Seconds(x.Stop)
	}
	if x.RedriveDate != 0 {
		item["redriveDate"] = history.Seconds(x.RedriveDate)
	}
	return item
}

const pendingRedrive = "PENDING_REDRIVE"

// statusOf is the status as it is told: a child that waits for its redrive is
// PENDING_REDRIVE.
func (t *tree) statusOf(x *history.Execution) string {
	if t.live != nil && x.MapRun != 0 {
		if d := t.live.runs[x.MapRun]; d != nil && d.pending[x.Number] {
			return pendingRedrive
		}
	}
	return string(x.Status)
}

func (s *Service) describeForExecution(request executionRequest) (map[string]any, error) {
	t, number, err := s.find(request.ExecutionARN)
	if err != nil {
		return nil, err
	}
	defer t.mu.Unlock()
	x, header := t.index.Executions[number], t.index.Header
	answer := describeDefinition(header.Definition, header.Role, header.MachineName, t.machineARN(x), header.Revision, request.IncludedData)
	answer["updateDate"] = history.Seconds(header.Updated)
	if x.MapRun != 0 {
		run := t.index.MapRuns[x.MapRun-1]
		answer["mapRunArn"], answer["label"] = t.mapRunARN(run), run.Label
	}
	return answer, nil
}
