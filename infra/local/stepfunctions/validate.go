package stepfunctions

import (
	"errors"

	"delfos/infra/local/stepfunctions/asl"
)

type validateRequest struct {
	Definition string `json:"definition"`
	Type       string `json:"type"`
	Severity   string `json:"severity"`
	MaxResults int    `json:"maxResults"`
}

const maxDiagnostics = 100 // API Reference, ValidateStateMachineDefinition

func (s *Service) validateDefinition(request validateRequest) (map[string]any, error) {
	if request.Type != "" && request.Type != "STANDARD" {
		return nil, invalid("type '%s': the local Step Functions has STANDARD alone", request.Type)
	}
	if request.MaxResults < 0 || request.MaxResults > maxDiagnostics {
		return nil, invalid("Value '%d' at 'maxResults' failed to satisfy constraint: want 0 to %d", request.MaxResults, maxDiagnostics)
	}
	size := request.MaxResults
	if size == 0 {
		size = maxDiagnostics
	}
	diagnostics := []map[string]any{}
	_, err := asl.Parse([]byte(request.Definition))
	var wrong *asl.DefinitionError
	if err != nil && !errors.As(err, &wrong) {
		return nil, err
	}
	result := "OK"
	if wrong != nil {
		result = "FAIL"
		for _, problem := range wrong.Problems {
			diagnostic := map[string]any{"severity": "ERROR", "code": problem.Code, "message": problem.Message}
			if problem.Location != "" {
				diagnostic["location"] = problem.Location
			}
			diagnostics = append(diagnostics, diagnostic)
		}
	}
	truncated := len(diagnostics) > size
	return map[string]any{"result": result, "diagnostics": diagnostics[:min(size, len(diagnostics))], "truncated": truncated}, nil
}
