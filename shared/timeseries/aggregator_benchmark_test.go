package timeseries_test

import (
	"math/rand/v2"
	"testing"
	"time"

	"delfos/shared/partition"
	"delfos/shared/timeseries"
)

// BenchmarkAggregate reports how often the time of a plain sum over the same
// slices the aggregation takes. Both run in turns, so that a busy machine slows
// them alike, and the fastest of each counts.
func BenchmarkAggregate(b *testing.B) {
	const rows, page = 1_000_000, 8_192
	random := rand.New(rand.NewPCG(1, 2))
	times, values := make([]int64, rows), [][]float64{make([]float64, rows), make([]float64, rows)}
	for i := range rows {
		times[i] = midnight.Add(time.Duration(i) * time.Second).UnixMicro()
		values[0][i] = 8 + 2*random.NormFloat64()
		values[1][i] = max(-5, 900+500*random.NormFloat64()) // below 0 where it is calm
	}
	span := partition.Span{Start: midnight, End: midnight.Add(rows * time.Second)}
	for name, width := range map[string]time.Duration{"windows of 10": 10 * time.Second, "windows of 600": 600 * time.Second} {
		b.Run(name, func(b *testing.B) {
			fastestSum, fastest := time.Hour, time.Hour
			for b.Loop() {
				started := time.Now()
				total := plainSum(values[0]) + plainSum(values[1])
				fastestSum = min(fastestSum, time.Since(started))

				started = time.Now()
				total += sumOfMeans(b, span, width, times, values, page)
				fastest = min(fastest, time.Since(started))
				if total == 0 {
					b.Fatal("nothing was summed")
				}
			}
			b.ReportMetric(float64(fastest)/float64(fastestSum), "ratio")
			b.ReportMetric(float64(fastest.Nanoseconds())/rows, "ns/row")
		})
	}
}

//go:noinline
func plainSum(values []float64) float64 {
	sum := 0.0
	for _, value := range values {
		sum += value
	}
	return sum
}

func sumOfMeans(b *testing.B, span partition.Span, width time.Duration, times []int64, values [][]float64, page int) float64 {
	sum := 0.0
	a, err := timeseries.NewAggregator(span, width, len(values), func(w timeseries.Window) error {
		sum += w.Statistics[0].Mean + w.Statistics[1].Mean
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	for from := 0; from < len(times); from += page {
		to := min(from+page, len(times))
		if err := a.Add(times[from:to], [][]float64{values[0][from:to], values[1][from:to]}); err != nil {
			b.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		b.Fatal(err)
	}
	return sum
}
