package etl_test

import (
	"encoding/csv"
	"math"
	"os"
	"strconv"
	"testing"
)

func TestGoldenDaysComeOutExactThroughTheRealAPIAndTarget(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"full", "gaps", "stable"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := setup(t, "UTC")
			samples := readCSV(t, name+".source.csv")
			for _, row := range samples {
				_, err := b.source.Exec(t.Context(), `INSERT INTO data (timestamp, wind_speed, power)
					VALUES ($1::timestamptz, nullif($2, '')::double precision, nullif($3, '')::double precision)`, row[0], row[1], row[2])
				if err != nil {
					t.Fatal(err)
				}
			}
			m, err := b.run(t, "2026-02-20")
			if err != nil {
				t.Fatal(err)
			}
			if want := int64(len(samples)); m.RowsRead != want || m.SamplesMissing != 1440-want {
				t.Errorf("%d samples read, %d missing; want %d and %d", m.RowsRead, m.SamplesMissing, want, 1440-want)
			}
			compareGolden(t, b.published(t), readCSV(t, name+".expected.csv"))
		})
	}
}

func compareGolden(t *testing.T, got map[string]float64, expected [][]string) {
	t.Helper()
	if len(got) != len(expected) {
		t.Errorf("%d rows in the target, want %d", len(got), len(expected))
	}
	for _, row := range expected {
		want := math.NaN()
		if row[2] != "" {
			want, _ = strconv.ParseFloat(row[2], 64)
		}
		value, ok := got[row[0]+" "+row[1]]
		same := math.Abs(value-want) <= 1e-9*math.Abs(want) || math.IsNaN(value) && math.IsNaN(want)
		if !ok || !same {
			t.Errorf("%s %s = %v (there: %t), want %v", row[0], row[1], value, ok, want)
		}
	}
}

func readCSV(t *testing.T, name string) [][]string {
	t.Helper()
	file, err := os.Open("../timeseries/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows[1:]
}
