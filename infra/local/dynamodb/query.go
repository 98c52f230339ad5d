package dynamodb

import (
	"errors"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb/attribute"
	"delfos/infra/local/dynamodb/expression"
)

type queryRequest struct {
	readParameters
	KeyConditionExpression *string
	ScanIndexForward       *bool
}

func (s *Server) query(request queryRequest) (pageAnswer, error) {
	if err := request.validate(&constraints{}); err != nil {
		return pageAnswer{}, err
	}
	scope, err := request.scope(
		expressionParameter{"ProjectionExpression", request.ProjectionExpression},
		expressionParameter{"FilterExpression", request.FilterExpression},
		expressionParameter{"KeyConditionExpression", request.KeyConditionExpression})
	if err != nil {
		return pageAnswer{}, err
	}
	if request.KeyConditionExpression == nil {
		return pageAnswer{}, invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
	}
	conditions, err := scope.KeyConditions(*request.KeyConditionExpression)
	if err != nil {
		return pageAnswer{}, err
	}
	r, err := s.begin(&request.readParameters, scope)
	if err != nil {
		return pageAnswer{}, err
	}
	if err := r.checkFilter(); err != nil {
		return pageAnswer{}, err
	}
	if r.span, err = r.index.keys.span(conditions); err != nil {
		return pageAnswer{}, err
	}
	r.descending = request.ScanIndexForward != nil && !*request.ScanIndexForward
	outside := invalid("The provided starting key is outside query boundaries based on provided conditions")
	if err := r.startAfter(request.ExclusiveStartKey, outside); err != nil {
		return pageAnswer{}, err
	}
	return r.page()
}

// checkFilter refuses a query's filter on the keys that it is conditioned by.
func (r *reading) checkFilter() error {
	if r.filter == nil {
		return nil
	}
	for _, path := range r.filter.Paths() {
		if r.index.keys.has(path.Attribute()) {
			return invalid("Filter Expression can only contain non-primary key attributes: Primary key attribute: %s", path.Attribute())
		}
	}
	return nil
}

// span turns key conditions into the range of stored keys that they select.
func (k keySchema) span(conditions map[string]expression.KeyCondition) (span, error) {
	if err := k.checkConditions(conditions); err != nil {
		return span{}, err
	}
	prefix := string(k.appendHash(nil, conditions[k.hash.name].Values[0]))
	all := span{prefix, successor(prefix)}
	if k.sort == nil {
		return all, nil
	}
	of, ok := conditions[k.sort.name]
	if !ok {
		return all, nil
	}
	ordered := func(i int) string { return string(attribute.AppendOrdered([]byte(prefix), of.Values[i])) }
	switch of.Operator {
	case "=":
		return span{ordered(0), successor(ordered(0))}, nil
	case "<":
		return span{all.low, ordered(0)}, nil
	case "<=":
		return span{all.low, successor(ordered(0))}, nil
	case ">":
		return span{successor(ordered(0)), all.high}, nil
	case ">=":
		return span{ordered(0), all.high}, nil
	case "BETWEEN":
		return span{ordered(0), successor(ordered(1))}, nil
	default: // begins_with
		begin := string(attribute.AppendOrderedPrefix([]byte(prefix), of.Values[0]))
		return span{begin, successor(begin)}, nil
	}
}

func (k keySchema) checkConditions(conditions map[string]expression.KeyCondition) error {
	if len(conditions) > 2 {
		return invalid("Conditions can be of length 1 or 2 only")
	}
	if len(conditions) == 2 && k.sort == nil {
		return invalid("Query key condition not supported")
	}
	for i, key := range k.attributes() {
		of, ok := conditions[key.name]
		isHash := i == 0
		if !ok {
			if isHash || len(conditions) > 1 {
				return invalid("Query condition missed key schema element: %s", key.name)
			}
			continue
		}
		for _, value := range of.Values {
			if value.Type() != key.of {
				return invalid("One or more parameter values were invalid: Condition parameter type does not match schema type")
			}
			if length, sized := attribute.Length(value); sized && length == 0 {
				return invalid("One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty %s value. Key: %s", longName(key.of), key.name)
			}
		}
		if isHash && of.Operator != "=" {
			return invalid("Query key condition not supported")
		}
	}
	return nil
}

// plainMessage is an error's message without its type.
func plainMessage(err error) string {
	if known, ok := errors.AsType[*awsjson.Error](err); ok {
		return known.Message
	}
	return err.Error()
}
