package timeseries_test

import (
	"encoding/csv"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"delfos/shared/timeseries"
)

// The golden days hold what the target must hold; testdata/*.source.csv is what
// the source does. An empty field is null.
func TestGoldenDaysComeOutExact(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"full", "gaps", "stable"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, want := aggregateGolden(t, name+".source.csv"), readExpected(t, name+".expected.csv")
			if len(got) != len(want) {
				t.Errorf("%d points, want %d", len(got), len(want))
			}
			for point, value := range want {
				if found, ok := got[point]; !ok || !near(found, value, 0) {
					t.Errorf("%s: got %v (there: %v), want %v", point, found, ok, value)
				}
			}
		})
	}
}

// aggregateGolden maps "timestamp signal" to values, in batches of 7 rows.
func aggregateGolden(t *testing.T, file string) map[string]float64 {
	t.Helper()
	rows := readCSV(t, file)
	variables, rows := rows[0][1:], rows[1:]
	points := map[string]float64{}
	a, err := timeseries.NewAggregator(day, width, len(variables), func(w timeseries.Window) error {
		for i, s := range w.Statistics {
			prefix := w.Start.Format(time.RFC3339) + " " + variables[i]
			if s.Count > 0 {
				points[prefix+"_mean"], points[prefix+"_std"] = s.Mean, s.Std
				points[prefix+"_min"], points[prefix+"_max"] = s.Min, s.Max
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for len(rows) > 0 {
		batch := rows[:min(7, len(rows))]
		rows = rows[len(batch):]
		times, values := make([]int64, len(batch)), make([][]float64, len(variables))
		for i, row := range batch {
			times[i] = instant(t, row[0]).UnixMicro()
			for variable := range variables {
				values[variable] = append(values[variable], number(t, row[variable+1]))
			}
		}
		if err := a.Add(times, values); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	return points
}

func readExpected(t *testing.T, file string) map[string]float64 {
	t.Helper()
	points := map[string]float64{}
	for _, row := range readCSV(t, file)[1:] {
		points[row[0]+" "+row[1]] = number(t, row[2])
	}
	return points
}

func readCSV(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }() // read only
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func instant(t *testing.T, text string) time.Time {
	t.Helper()
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	if text == "" {
		return math.NaN()
	}
	value, err := strconv.ParseFloat(text, 64)
	if err != nil {
		t.Fatal(err)
	}
	return value
}
