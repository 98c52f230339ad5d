package engine

import (
	"bytes"
	"encoding/json"
	"fmt"

	"delfos/infra/local/stepfunctions/asl"
)

// document is a JSON value with its text.
type document struct {
	value any
	text  json.RawMessage
}

// decode reads JSON as package asl wants it.
func decode(text json.RawMessage) (document, error) {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return document{}, fmt.Errorf("read JSON of an execution: %w", err)
	}
	return document{value, text}, nil
}

func encode(value any) (document, error) {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		return document{}, fmt.Errorf("write JSON of an execution: %w", err)
	}
	return document{value, bytes.TrimSuffix(text.Bytes(), []byte("\n"))}, nil
}

// path selects by a path; nil is "$" and JSON null is {}.
func path(p *asl.Path, scope asl.Scope) (any, error) {
	switch {
	case p == nil:
		return scope.Input, nil
	case p.IsNull():
		return map[string]any{}, nil
	}
	return p.Evaluate(scope)
}

// fill fills a template in; nil is what the scope's input is.
func fill(t *asl.Template, scope asl.Scope) (any, error) {
	if t == nil {
		return scope.Input, nil
	}
	return t.Evaluate(scope)
}
