package pipeline

// Part is what one source of an answer told. Where it failed, the others are told
// nonetheless.
type Part[T any] struct {
	Value T     // zero where Err is not nil
	Err   error // for a person
}

// part makes a Part of a function's results.
func part[T any](value T, err error) Part[T] {
	if err != nil {
		var none T
		return Part[T]{none, err}
	}
	return Part[T]{Value: value}
}
