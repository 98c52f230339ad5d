package asl

import (
	"errors"
	"fmt"
)

// call is an intrinsic function with its arguments (specification, "Intrinsic
// Functions"; Developer Guide, "Intrinsic functions for JSONPath states").
type call struct {
	text      string
	name      string // without States.
	function  function
	arguments []argument
}

// argument is a literal, a path or a call.
type argument struct {
	literal any
	query   *query
	call    *call
}

// function is what a name stands for. It gets the values of its arguments, as many as it
// takes; an error that is no *RuntimeError becomes States.IntrinsicFailure.
type function struct {
	least, most int // arguments; most is -1 for any number
	apply       func(scope Scope, arguments []any) (any, error)
}

var functions = map[string]function{
	"Array":          {0, -1, array},
	"ArrayContains":  {2, 2, arrayContains},
	"ArrayGetItem":   {2, 2, arrayGetItem},
	"ArrayLength":    {1, 1, arrayLength},
	"ArrayPartition": {2, 2, arrayPartition},
	"ArrayRange":     {3, 3, arrayRange},
	"ArrayUnique":    {1, 1, arrayUnique},
	"Base64Decode":   {1, 1, base64Decode},
	"Base64Encode":   {1, 1, base64Encode},
	"Format":         {1, -1, format},
	"Hash":           {2, 2, hash},
	"JsonMerge":      {3, 3, jsonMerge},
	"JsonToString":   {1, 1, jsonToString},
	"MathAdd":        {2, 2, mathAdd},
	"MathRandom":     {2, 3, mathRandom},
	"StringSplit":    {2, 2, stringSplit},
	"StringToJson":   {1, 1, stringToJSON},
	"UUID":           {0, 0, uuid},
}

// evaluate calls the function; field is the one that the whole expression stands in.
func (c *call) evaluate(scope Scope, field string) (any, error) {
	values := make([]any, len(c.arguments))
	for i := range c.arguments {
		value, err := c.arguments[i].value(scope, field)
		if err != nil {
			return nil, err
		}
		values[i] = value
	}
	value, err := c.function.apply(scope, values)
	if err == nil {
		return value, nil
	}
	if known := (*RuntimeError)(nil); errors.As(err, &known) {
		return nil, err
	}
	return nil, &RuntimeError{
		Name:  ErrorIntrinsicFailure,
		Cause: fmt.Sprintf("The function '%s' had the following error: %s", c.text, err),
	}
}

func (a *argument) value(scope Scope, field string) (any, error) {
	switch {
	case a.call != nil:
		return a.call.evaluate(scope, field)
	case a.query == nil:
		return a.literal, nil
	}
	value, err := a.query.find(scope)
	if err != nil {
		return nil, a.query.notFound(scope, field)
	}
	return value, nil
}

// listArgument is the first argument, which must be an array. Of the others below, the
// position is counted from 1.
func listArgument(arguments []any) ([]any, error) {
	list, ok := arguments[0].([]any)
	if !ok {
		return nil, wrongArgument(arguments, 1, "an array")
	}
	return list, nil
}

func objectArgument(arguments []any, position int) (map[string]any, error) {
	object, ok := arguments[position-1].(map[string]any)
	if !ok {
		return nil, wrongArgument(arguments, position, "an object")
	}
	return object, nil
}

func textArgument(arguments []any, position int) (string, error) {
	text, ok := arguments[position-1].(string)
	if !ok {
		return "", wrongArgument(arguments, position, "a string")
	}
	return text, nil
}

func wrongArgument(arguments []any, position int, want string) error {
	return fmt.Errorf("argument %d must be %s, but is %s: %s", position, want, kindOf(arguments[position-1]), jsonText(arguments[position-1]))
}
