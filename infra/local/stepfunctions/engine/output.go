package engine

import (
	"fmt"

	"delfos/infra/local/stepfunctions/asl"
)

// finish takes what a state without a result gives on: its input.
func (v *visit) finish(input any) (outcome, error) {
	return v.conclude(input, input)
}

// conclude sets variables from result and takes the output from joined.
func (v *visit) conclude(result, joined any) (outcome, error) {
	assigned, err := v.assign(v.state.Assign, result)
	if err != nil {
		return outcome{}, err
	}
	selected, err := path(v.state.OutputPath, v.over(joined))
	if err != nil {
		return outcome{}, err
	}
	output, err := v.data(selected)
	return outcome{output, assigned, v.state.Next}, err
}

// result takes a result through ResultSelector and ResultPath.
func (v *visit) result(result any) (outcome, error) {
	result, err := fill(v.state.ResultSelector, v.over(result))
	if err != nil {
		return outcome{}, err
	}
	joined := result
	if v.state.ResultPath != nil {
		if joined, err = put(v.state.ResultPath, v.input.value, result); err != nil {
			return outcome{}, err
		}
	}
	return v.conclude(result, joined)
}

func put(p *asl.ReferencePath, document, value any) (any, error) {
	if p.IsNull() {
		return document, nil
	}
	return p.Put(document, value)
}

func (v *visit) assign(template *asl.Template, input any) (map[string]any, error) {
	if template == nil {
		return nil, nil
	}
	filled, err := template.Evaluate(v.over(input))
	if err != nil {
		return nil, err
	}
	assigned, ok := filled.(map[string]any)
	if !ok {
		return nil, runtimeError("The Assign field must be an object.")
	}
	for name := range assigned {
		if _, around := v.scope.outer[name]; around {
			return nil, runtimeError("The variable '%s' is of an outer scope, and can be set there alone.", name)
		}
	}
	return assigned, nil
}

// data checks that a value may be passed on.
func (v *visit) data(value any) (document, error) {
	text, err := encode(value)
	if err == nil && len(text.text) > MaxDataBytes {
		err = v.tooLarge()
	}
	return text, err
}

func (v *visit) tooLarge() error {
	return &StateError{Name: asl.ErrorDataLimitExceeded, Cause: fmt.Sprintf(
		"The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.", v.state.Name)}
}
