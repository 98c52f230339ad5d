package sourcehttp

import (
	"encoding/json"
	"math"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// checkNumber holds appendNumber against encoding/json, whose exponents have no
// zero in front.
func checkNumber(t interface{ Errorf(string, ...any) }, value float64) {
	got := string(appendNumber([]byte("x"), value))[1:]
	if math.IsNaN(value) || math.IsInf(value, 0) {
		if got != "null" {
			t.Errorf("%v is written %s, want null", value, got)
		}
		return
	}
	back, err := strconv.ParseFloat(got, 64)
	if err != nil || math.Float64bits(back) != math.Float64bits(value) {
		t.Errorf("%v is written %s, which reads back as %v, %v", value, got, back, err)
	}
	want, err := json.Marshal(value)
	if err != nil || !json.Valid([]byte(got)) {
		t.Errorf("%v is written %s, which is no JSON, %v", value, got, err)
	}
	if size := math.Abs(value); (size == 0 || size >= 1e-6 && size < 1e21) && got != string(want) {
		t.Errorf("%v is written %s, want %s", value, got, want)
	}
}

func FuzzNumbersReadBackAsTheSameFloat64(f *testing.F) {
	for _, value := range []float64{
		0, math.Copysign(0, -1), 1, -1, 8, 10, 99999.5, 1e5, 1e6, 123456.789, 1e9, 999999999.9999999, 999999999.999999, 1e10, 1e20, 1e21, 0.1, 0.3, 1.0 / 3,
		1e-6, 9.999999e-7, 1e-7, 5e-324, math.MaxFloat64, 8.0018452300362242, 592.27933230365556, -0.000001, 1234567.5, math.Pi * 1e8,
	} {
		f.Add(math.Float64bits(value))
	}
	f.Fuzz(func(t *testing.T, bits uint64) { checkNumber(t, math.Float64frombits(bits)) })
}

func TestNumbersOfEverySizeAreWrittenAsEncodingJSONDoes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.Float64().Draw(t, "any")
		checkNumber(t, value)
		digits := rapid.Int64Range(-1e15, 1e15).Draw(t, "digits")
		checkNumber(t, float64(digits)/math.Pow10(rapid.IntRange(0, 20).Draw(t, "scale")))
	})
}

func TestTimesAreRFC3339WithAFractionOnlyWhereThereIsOne(t *testing.T) {
	t.Parallel()
	e := newEncoder(nil)
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(-62135596800_000_000, 253402300799_999_999).Draw(t, "micros")
		got := string(e.appendSample(nil, micros, nil))
		want := `{"timestamp":"` + time.UnixMicro(micros).UTC().Format("2006-01-02T15:04:05.999999Z") + `"}`
		if got != want {
			t.Errorf("%d is written %s, want %s", micros, got, want)
		}
	})
}

func FuzzInstantsAreWhatTimeParseReads(f *testing.F) {
	for _, text := range []string{
		"2026-02-20", "2026-02-20T01:02:03Z", "2026-02-20 01:02:03.5", "2026-02-20T01:02:03.123456-23:59", "2026-02-30",
		"0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01", "2024-02-29", "2026-02-20T1:02:03Z", "2026-02-20T01:02:03,5Z", "",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got, err := parseInstant(text)
		if err != nil {
			return
		}
		if got.Location() != time.UTC || got.Year() < 1 || got.Year() > 9999 || got.Nanosecond()%1000 != 0 {
			t.Errorf("%q is read as %v", text, got)
		}
		again, err := parseInstant(got.Format(time.RFC3339Nano))
		if err != nil || !again.Equal(got) {
			t.Errorf("%q is %v, which is written and read as %v, %v", text, got, again, err)
		}
		for _, layout := range []string{time.DateOnly, time.RFC3339, time.DateTime, "2006-01-02T15:04:05", "2006-01-02 15:04:05Z07:00"} {
			if want, err := time.Parse(layout, text); err == nil && !want.Equal(got) {
				t.Errorf("%q is read as %v, time.Parse says %v", text, got, want)
			}
		}
	})
}

func FuzzAQueryIsReadOrRefusedByName(f *testing.F) {
	f.Add("start=2026-02-20&end=2026-02-21&variables=power")
	f.Add("start=2026-02-20T00:00:00%2B01:00&end=x&limit=0&cursor=a&cursor=b&%zz&=&;")
	f.Fuzz(func(t *testing.T, raw string) {
		query, faults := parseDataQuery(raw, 100)
		for _, fault := range faults {
			if fault.slug == "" || fault.title == "" || fault.message == "" {
				t.Errorf("%q: a fault says nothing: %+v", raw, fault)
			}
		}
		if len(faults) == 0 {
			if err := query.Validate(); err != nil || query.limit < 0 || query.limit > 100 {
				t.Errorf("%q is let through as %+v: %v", raw, query, err)
			}
		} else if _, err := json.Marshal(invalidQuery(faults).ErrorModel); err != nil {
			t.Errorf("%q: %v", raw, err)
		}
	})
}
