package asl

import (
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
)

// roundedArgument is a number as the mathematical functions take it: the nearest whole
// one, halves upwards, and within 32 bits (Developer Guide, "Intrinsics for math
// operations"; the rounding is recorded).
func roundedArgument(arguments []any, position int) (int64, error) {
	n, ok := number(arguments[position-1])
	if !ok {
		return 0, wrongArgument(arguments, position, "a number")
	}
	rounded := math.Floor(double(n) + 0.5)
	if rounded < math.MinInt32 || rounded > math.MaxInt32 {
		return 0, fmt.Errorf("argument %d must be between %d and %d, but is %s", position, math.MinInt32, math.MaxInt32, n)
	}
	return int64(rounded), nil
}

func mathAdd(_ Scope, arguments []any) (any, error) {
	a, err := roundedArgument(arguments, 1)
	if err != nil {
		return nil, err
	}
	b, err := roundedArgument(arguments, 2)
	if err != nil {
		return nil, err
	}
	sum := a + b
	if sum < math.MinInt32 || sum > math.MaxInt32 {
		return nil, fmt.Errorf("the sum must be between %d and %d, but is %d", math.MinInt32, math.MaxInt32, sum)
	}
	return integerValue(sum), nil
}

// mathRandom is at least the first argument and less than the second. With a seed, the
// third, it is always the same number.
func mathRandom(scope Scope, arguments []any) (any, error) {
	start, err := roundedArgument(arguments, 1)
	if err != nil {
		return nil, err
	}
	end, err := roundedArgument(arguments, 2)
	if err != nil {
		return nil, err
	}
	if start >= end {
		return nil, fmt.Errorf("the start %d must be less than the end %d", start, end)
	}
	if len(arguments) == 3 {
		seed, err := roundedArgument(arguments, 3)
		if err != nil {
			return nil, err
		}
		return integerValue(start + seeded(seed, end-start)), nil
	}
	if scope.Random == nil {
		return nil, errors.New("there is no source of random numbers")
	}
	return integerValue(start + int64(scope.Random()*float64(end-start))), nil
}

// seeded is a number in [0, width), the same for the same seed. Which one AWS gives for a
// seed is not documented.
func seeded(seed, width int64) int64 {
	return rand.New(rand.NewPCG(uint64(seed), 0)).Int64N(width)
}
