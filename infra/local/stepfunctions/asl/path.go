package asl

// Path is a JSONPath, a variable, a path into the context object, or an intrinsic
// function, where the specification takes one. It knows the field that it stands in, so
// that its errors read as AWS's do for that field.
type Path struct {
	text  string
	field string
	null  bool
	query *query
	call  *call
}

// IsNull tells whether the path is JSON null: nothing of the data is taken ({}).
func (p *Path) IsNull() bool { return p.null }

// String is the path as it was written.
func (p *Path) String() string { return p.text }

// Evaluate selects. A definite path that leads nowhere is a *RuntimeError; one that can
// select several places gives a list, which may be empty. AWS names the error
// States.Runtime, as is recorded of it, and not States.ParameterPathFailure.
func (p *Path) Evaluate(scope Scope) (any, error) {
	switch {
	case p.null:
		return map[string]any{}, nil
	case p.call != nil:
		return p.call.evaluate(scope, p.field)
	}
	value, err := p.query.find(scope)
	if err != nil {
		return nil, p.notFound(scope, err)
	}
	return value, nil
}
