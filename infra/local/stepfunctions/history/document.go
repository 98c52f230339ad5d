package history

import (
	"encoding/json"
	"strings"
)

// Document is the event as GetExecutionHistory tells it. Without data, inputs and
// outputs are left out (includeExecutionData).
func (e *Event) Document(withData bool) map[string]any {
	document := map[string]any{
		"id": e.ID, "previousEventId": e.Previous, "type": e.Type, "timestamp": Seconds(e.At),
	}
	if name := e.detailsName(); name != "" {
		document[name] = e.details(withData)
	}
	return document
}

// Seconds is a time in milliseconds as the API's protocol writes times.
func Seconds(milliseconds int64) json.Number {
	text, _ := json.Marshal(float64(milliseconds) / 1000) // a number always encodes
	return json.Number(text)
}

// detailsName is the member that has the details; "" for types without any.
func (e *Event) detailsName() string {
	kind := string(e.Type)
	switch {
	case strings.HasSuffix(kind, Entered):
		return "stateEnteredEventDetails"
	case strings.HasSuffix(kind, Exited):
		return "stateExitedEventDetails"
	case kind == "Map"+Started:
		return "mapStateStartedEventDetails"
	case strings.HasSuffix(kind, Started), strings.HasSuffix(kind, Succeeded),
		strings.HasSuffix(kind, Failed), strings.HasSuffix(kind, Aborted):
		return ""
	}
	if e.Type == LambdaStarted || e.Type == MapRunSucceeded || e.Type == MapRunAborted {
		return ""
	}
	return strings.ToLower(kind[:1]) + kind[1:] + "EventDetails"
}

func (e *Event) details(withData bool) map[string]any {
	details := map[string]any{}
	text := func(member, value string) {
		if value != "" {
			details[member] = value
		}
	}
	data := func(member string, value json.RawMessage) {
		if value != nil && withData {
			details[member] = string(value)
			details[member+"Details"] = map[string]any{"truncated": false}
		}
	}
	number := func(member string, value int64) {
		if value != 0 {
			details[member] = value
		}
	}
	text("name", e.Name)
	data("input", e.Input)
	data("output", e.Output)
	text("error", e.Error)
	text("cause", e.Cause)
	text("resource", e.Resource)
	text("resourceType", e.ResourceType)
	text("region", e.Region)
	if e.Parameters != nil {
		details["parameters"] = "{}" // the member is not optional
		if withData {
			details["parameters"] = string(e.Parameters)
		}
	}
	number("timeoutInSeconds", e.Timeout)
	number("heartbeatInSeconds", e.Heartbeat)
	text("mapRunArn", e.MapRun)
	text("roleArn", e.Role)
	number("redriveCount", int64(e.RedriveCount))
	e.zeroable(details, withData)
	return details
}

// zeroable adds the members that are told even where they are zero, and variables.
func (e *Event) zeroable(details map[string]any, withData bool) {
	switch e.Type {
	case MapIterationStarted, MapIterationSucceeded, MapIterationFailed, MapIterationAborted:
		details["index"] = e.Index
	case "Map" + Started:
		details["length"] = e.Length
	default:
	}
	if len(e.Assigned) > 0 && withData {
		assigned := make(map[string]string, len(e.Assigned))
		for name, value := range e.Assigned {
			assigned[name] = string(value)
		}
		details["assignedVariables"] = assigned
		details["assignedVariablesDetails"] = map[string]any{"truncated": false}
	}
}
