package asl

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// maxRange is how many numbers States.ArrayRange makes.
const maxRange = 1000

func array(_ Scope, arguments []any) (any, error) { return arguments, nil }

func arrayContains(_ Scope, arguments []any) (any, error) {
	list, err := listArgument(arguments)
	if err != nil {
		return nil, err
	}
	return slices.ContainsFunc(list, func(element any) bool { return equal(element, arguments[1]) }), nil
}

func arrayGetItem(_ Scope, arguments []any) (any, error) {
	list, err := listArgument(arguments)
	if err != nil {
		return nil, err
	}
	i, err := roundedArgument(arguments, 2)
	if err != nil {
		return nil, err
	}
	if i < 0 || i >= int64(len(list)) {
		return nil, fmt.Errorf("the index %d is out of the array's bounds, 0 to %d", i, len(list)-1)
	}
	return list[i], nil
}

func arrayLength(_ Scope, arguments []any) (any, error) {
	list, err := listArgument(arguments)
	return integerValue(int64(len(list))), err
}

func arrayPartition(_ Scope, arguments []any) (any, error) {
	list, err := listArgument(arguments)
	if err != nil {
		return nil, err
	}
	size, err := roundedArgument(arguments, 2)
	if err != nil {
		return nil, err
	}
	if size <= 0 {
		return nil, fmt.Errorf("the size of a part must be positive, but is %d", size)
	}
	parts := []any{}
	for len(list) > 0 {
		part := list[:min(size, int64(len(list)))]
		parts = append(parts, part)
		list = list[len(part):]
	}
	return parts, nil
}

// arrayRange counts from the first to the last argument's bound, both included.
func arrayRange(_ Scope, arguments []any) (any, error) {
	var bounds [3]int64
	for i := range bounds {
		var err error
		if bounds[i], err = roundedArgument(arguments, i+1); err != nil {
			return nil, err
		}
	}
	first, last, step := bounds[0], bounds[1], bounds[2]
	if step == 0 {
		return nil, errors.New("the step must not be 0")
	}
	numbers := []any{}
	for n := first; step > 0 && n <= last || step < 0 && n >= last; n += step {
		if len(numbers) == maxRange {
			return nil, fmt.Errorf("the range has more than %d items", maxRange)
		}
		numbers = append(numbers, integerValue(n))
	}
	return numbers, nil
}

func arrayUnique(_ Scope, arguments []any) (any, error) {
	list, err := listArgument(arguments)
	if err != nil {
		return nil, err
	}
	unique := []any{}
	seen := map[string]bool{}
	for _, element := range list {
		key := identity(element)
		if !seen[key] {
			seen[key] = true
			unique = append(unique, element)
		}
	}
	return unique, nil
}

// identity is a text that equal values share.
func identity(value any) string {
	switch value := value.(type) {
	case []any:
		texts := make([]any, len(value))
		for i, element := range value {
			texts[i] = identity(element)
		}
		return jsonText(texts)
	case map[string]any:
		texts := make(map[string]any, len(value))
		for name, member := range value {
			texts[name] = identity(member)
		}
		return jsonText(texts)
	}
	n, ok := number(value)
	if !ok {
		return jsonText(value)
	}
	if i, whole := integer(value); whole {
		return fmt.Sprint(i)
	}
	if f := double(n); f == math.Trunc(f) && math.Abs(f) < 1<<53 {
		return fmt.Sprint(int64(f))
	}
	return fmt.Sprint(double(n))
}
