package turbine

import (
	"math"
	"time"
)

// normal is a number that seed, channel and n determine, with mean 0, standard
// deviation 1, and never beyond ±3.5: the sum of four uniform ones.
func normal(seed, channel uint64, n int64) float64 {
	bits := mix(mix(seed+channel) + uint64(n))
	const lanes, width = 4, 1 << 16
	sum := 0.0
	for range lanes {
		sum += float64(bits % width)
		bits /= width
	}
	// Each lane has the variance of a uniform distribution, width²/12.
	const mean, deviation = lanes * (width - 1) / 2.0, width * 0.57735026918962576 // sqrt(lanes/12)
	return (sum - mean) / deviation
}

// mix is the finalizer of splitmix64 (Steele, Lea, Flood: "Fast Splittable
// Pseudorandom Number Generators", 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// smooth is value noise: normal numbers a period apart, blended in between so that
// neither the curve nor its slope jumps. Its deviation is 1 at each moment.
func smooth(seed, channel uint64, period time.Duration, minute int64) float64 {
	step := int64(period / time.Minute)
	n := floorDiv(minute, step)
	x := float64(minute-n*step) / float64(step)
	x = x * x * (3 - 2*x)
	blended := normal(seed, channel, n)*(1-x) + normal(seed, channel, n+1)*x
	return blended / math.Sqrt((1-x)*(1-x)+x*x)
}

func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}
