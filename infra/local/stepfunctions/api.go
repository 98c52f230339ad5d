package stepfunctions

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"delfos/infra/local/awsjson"
)

// TargetPrefix is Step Functions'.
func (s *Service) TargetPrefix() string { return "AWSStepFunctions" }

// Call carries out one operation, and refuses those that it does not have.
func (s *Service) Call(_ context.Context, operation string, body []byte) (any, error) {
	if len(body) > maxRequestBytes {
		return nil, &awsjson.Error{
			Type: "RequestEntityTooLarge", Status: http.StatusRequestEntityTooLarge,
			Message: fmt.Sprintf("the request has %d bytes; the limit is %d", len(body), maxRequestBytes),
		}
	}
	do, ok := operations[operation]
	if !ok {
		return nil, awsjson.UnknownOperation("Step Functions", operation)
	}
	return do(s, body)
}

var operations = map[string]func(*Service, []byte) (any, error){
	"CreateStateMachine":               call((*Service).createStateMachine),
	"UpdateStateMachine":               call((*Service).updateStateMachine),
	"DescribeStateMachine":             call((*Service).describeStateMachine),
	"DeleteStateMachine":               call((*Service).deleteStateMachine),
	"ListStateMachines":                call((*Service).listStateMachines),
	"ListTagsForResource":              call((*Service).listTags),
	"ValidateStateMachineDefinition":   call((*Service).validateDefinition),
	"StartExecution":                   call((*Service).startExecution),
	"StopExecution":                    call((*Service).stopExecution),
	"RedriveExecution":                 call((*Service).redriveExecution),
	"DescribeExecution":                call((*Service).describeExecution),
	"DescribeStateMachineForExecution": call((*Service).describeForExecution),
	"ListExecutions":                   call((*Service).listExecutions),
	"GetExecutionHistory":              call((*Service).getExecutionHistory),
	"ListMapRuns":                      call((*Service).listMapRuns),
	"DescribeMapRun":                   call((*Service).describeMapRun),
	"UpdateMapRun":                     call((*Service).updateMapRun),
}

func call[Q, A any](operation func(*Service, Q) (A, error)) func(*Service, []byte) (any, error) {
	return func(s *Service, body []byte) (any, error) {
		request, err := awsjson.Decode[Q](body)
		if err != nil {
			return nil, err
		}
		answer, err := operation(s, request)
		if err != nil {
			return nil, err
		}
		return answer, nil
	}
}

const (
	maxRequestBytes = 1 << 20 // Developer Guide, "General quotas", "Maximum request size"

	defaultPage = 100
	maxPage     = 1000 // API Reference, "maxResults" of every list
)

// pageSize reads maxResults; 0 is the default.
func pageSize(maxResults int) (int, error) {
	switch {
	case maxResults < 0 || maxResults > maxPage:
		return 0, invalid("Value '%d' at 'maxResults' failed to satisfy constraint: want 0 to %d", maxResults, maxPage)
	case maxResults == 0:
		return defaultPage, nil
	}
	return maxResults, nil
}

// A nextToken is where the next page begins, and what the list is of: other
// arguments make it invalid.
type pageToken struct {
	Of    string `json:"of"`
	After int64  `json:"after"`
}

func encodeToken(of string, after int64) string {
	text, _ := json.Marshal(pageToken{of, after}) // a string and a number always encode
	return base64.StdEncoding.EncodeToString(text)
}

// decodeToken gives where to go on; first where there is no token.
func decodeToken(of, token string, first int64) (int64, error) {
	if token == "" {
		return first, nil
	}
	var content pageToken
	text, err := base64.StdEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(text, &content)
	}
	if err != nil || content.Of != of {
		return 0, apiError("InvalidToken", "Invalid Token: '%s'", token)
	}
	return content.After, nil
}
