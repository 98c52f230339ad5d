package timeseries

import (
	"math"
	"math/rand"
	"testing"
)

func measure2(values []float64, shift float64) (sum, squares, least, greatest float64) {
	lowest := orderOf(values[0])
	highest := lowest
	var sum2, squares2 float64
	for len(values) >= 2 {
		d, e := values[0]-shift, values[1]-shift
		sum += d
		sum2 += e
		squares += d * d
		squares2 += e * e
		a, b := orderOf(values[0]), orderOf(values[1])
		lowest = min(lowest, a, b)
		highest = max(highest, a, b)
		values = values[2:]
	}
	for _, value := range values {
		d := value - shift
		sum += d
		squares += d * d
		order := orderOf(value)
		lowest = min(lowest, order)
		highest = max(highest, order)
	}
	return sum + sum2, squares + squares2, valueAt(lowest), valueAt(highest)
}

func measure5(values []float64, shift float64) (sum, squares, least, greatest float64) {
	lowest := orderOf(values[0])
	highest := lowest
	var sum2, squares2 float64
	for len(values) >= 5 {
		v := (*[5]float64)(values)
		d, e, f, g, h := v[0]-shift, v[1]-shift, v[2]-shift, v[3]-shift, v[4]-shift
		sum += (d + e)
		sum2 += (f + g) + h
		squares += d*d + e*e
		squares2 += f*f + g*g + h*h
		a, b, c, x, y := orderOf(v[0]), orderOf(v[1]), orderOf(v[2]), orderOf(v[3]), orderOf(v[4])
		lowest = min(lowest, a, b, c, x, y)
		highest = max(highest, a, b, c, x, y)
		values = values[5:]
	}
	for _, value := range values {
		d := value - shift
		sum += d
		squares += d * d
		order := orderOf(value)
		lowest = min(lowest, order)
		highest = max(highest, order)
	}
	return sum + sum2, squares + squares2, valueAt(lowest), valueAt(highest)
}

func (s *Statistics) describeZ(values []float64) {
	shift := values[0]
	n := float64(len(values))
	inverse := 1 / n
	sum, squares, least, greatest := measure(values, shift)
	correction := sum * sum * inverse
	if !(squares >= tooSmallToSquare && squares <= math.MaxFloat64 && correction <= farShift*squares) {
		s.describe(values)
		return
	}
	s.Count = len(values)
	s.Mean = shift + sum*inverse
	s.Min = least
	s.Max = greatest
	s.Std = math.Sqrt((squares - correction) / (n - 1))
}

func BenchmarkZDescribe(b *testing.B) {
	data := make([]float64, 1000000)
	r := rand.New(rand.NewSource(1))
	for i := range data {
		data[i] = 8 + 2*r.NormFloat64()
	}
	var sink float64
	run := func(name string, f func([]float64)) {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				for i := 0; i+10 <= len(data); i += 10 {
					f(data[i : i+10])
				}
			}
		})
	}
	st := make([]Statistics, 2)
	run("describe", func(v []float64) { st[0].describe(v) })
	run("describeZ", func(v []float64) { st[0].describeZ(v) })
	run("measure", func(v []float64) { s, q, l, h := measure(v, v[0]); sink += s + q + l + h })
	run("measure2", func(v []float64) { s, q, l, h := measure2(v, v[0]); sink += s + q + l + h })
	run("measure5", func(v []float64) { s, q, l, h := measure5(v, v[0]); sink += s + q + l + h })
}
