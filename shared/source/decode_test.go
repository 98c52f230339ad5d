package source

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

var twoVariables = []string{"wind_speed", "power"}

func decodeTwo(page string) (*Rows, error) {
	rows := &Rows{}
	rows.reset(len(twoVariables))
	d := decoder{variables: twoVariables}
	return rows, d.decode([]byte(page), rows)
}

func TestAPageIsReadWhateverItsSpacesAndItsOrder(t *testing.T) {
	t.Parallel()
	got, err := decodeTwo(" [ {\"timestamp\" : \"2026-02-20T23:59:59.5Z\",\n\"wind_speed\":1.5e2 ,\t\"power\": null } ,\r\n" +
		`{"power":-0,"timestamp":"2026-02-21T00:00:00.000001Z","wind_speed":0.1}` + "]\n")
	if err != nil {
		t.Fatal(err)
	}
	midnight := time.Date(2026, 2, 21, 0, 0, 0, 0, time.UTC).UnixMicro()
	want := &Rows{Times: []int64{midnight - 500_000, midnight + 1}, Values: [][]float64{{150, 0.1}, {math.NaN(), math.Copysign(0, -1)}}}
	if diff := cmp.Diff(want, got, cmpopts.EquateNaNs()); diff != "" || !math.Signbit(got.Values[1][1]) {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
	if rows, err := decodeTwo("[]"); err != nil || rows.Len() != 0 {
		t.Errorf("[] gives %d rows, %v", rows.Len(), err)
	}
}

func TestAPageThatIsNotOfTheContractIsRefused(t *testing.T) {
	t.Parallel()
	const at = `"timestamp":"2026-02-20T00:00:00Z"`
	for page, garbled := range map[string]bool{
		``:                                       true,
		`[`:                                      true,
		`[{`:                                     true,
		`[{"timest`:                              true,
		`[{` + at + `,"wind_speed":1.`:           true,
		`[{` + at + `,"wind_speed":nul`:          true,
		`[{` + at + `,"wind_speed":1,"power":2}`: true,
		`[{` + at + `,"wind_speed":1,"power":2}}`: true,
		`[] []`:  true,
		`<html>`: true,
		`[{` + at + `,"wind_speed":01,"power":2}]`:  true,
		`[{` + at + `,"wind_speed":+1,"power":2}]`:  true,
		`[{` + at + `,"wind_speed":NaN,"power":2}]`: true,
		`{}`:   false,
		`[1]`:  false,
		`null`: false,
		`[{"timestamp":1,"wind_speed":1,"power":2}]`:                                  false,
		`[{` + at + `,"wind_speed":1}]`:                                               false,
		`[{` + at + `,"wind_speed":1,"wind_speed":1}]`:                                false,
		`[{` + at + `,"wind_speed":1,"power":2,"x":3}]`:                               false,
		`[{` + at + `,"wind_speed":"1","power":2}]`:                                   false,
		`[{` + at + `,"wind_speed":true,"power":2}]`:                                  false,
		`[{` + at + `,"wind_speed":1e999,"power":2}]`:                                 false,
		`[{` + at + `,"wind\u005fspeed":1,"power":2}]`:                                false,
		strings.Replace(`[{`+at+`,"wind_speed":1,"power":2}]`, "Z", "+00:00", 1):      false,
		strings.Replace(`[{`+at+`,"wind_speed":1,"power":2}]`, "T", " ", 1):           false,
		strings.Replace(`[{`+at+`,"wind_speed":1,"power":2}]`, "02-20", "02-30", 1):   false,
		strings.Replace(`[{`+at+`,"wind_speed":1,"power":2}]`, "T00", "T24", 1):       false,
		strings.Replace(`[{`+at+`,"wind_speed":1,"power":2}]`, "Z", ".1234567Z", 1):   false,
		strings.Replace(`[{`+at+`,"wind_speed":1,"power":2}]`, "Z", ".Z", 1):          false,
		strings.Replace(`[{`+at+`,"wind_speed":1,"power":2}]`, "00:00Z", "0:00Z", 1):  false,
		strings.Replace(`[{`+at+`,"wind_speed":1,"power":2}]`, "2026-02-20T", "T", 1): false,
	} {
		_, err := decodeTwo(page)
		var refused *decodeError
		if !errors.As(err, &refused) || refused.garbled != garbled {
			t.Errorf("%s: %v; want it refused, as garbled: %t", page, err, garbled)
		}
	}
}

// FuzzPagesAreReadAsEncodingJSONReadsThem holds the decoder against encoding/json:
// what it accepts, encoding/json accepts with the same content; and what
// encoding/json writes for that, it accepts.
func FuzzPagesAreReadAsEncodingJSONReadsThem(f *testing.F) {
	f.Add(`[{"timestamp":"2026-02-20T00:00:00Z","wind_speed":8.0018452300362242,"power":null}]`)
	f.Add(`[ {"power":-1e-7,"timestamp":"2026-02-20T00:00:00.000001Z","wind_speed":0} , {}]`)
	f.Add(`[{"timestamp":"2026-02-20T00:00:00Z","wind_speed":1,"power":2},{"timestamp":"2026-02-21T00:00:00Z","wind_speed":1,"power":2}]`)
	f.Add(`[]`)
	f.Add(`[{"timestamp":"9999-12-31T23:59:60Z"}]`)
	f.Fuzz(func(t *testing.T, page string) {
		rows, err := decodeTwo(page)
		if err != nil {
			return
		}
		var want []struct {
			Timestamp time.Time `json:"timestamp"`
			WindSpeed *float64  `json:"wind_speed"`
			Power     *float64  `json:"power"`
		}
		if err := json.Unmarshal([]byte(page), &want); err != nil {
			t.Fatalf("%q is accepted, encoding/json says: %v", page, err)
		}
		if len(want) != rows.Len() {
			t.Fatalf("%q has %d rows, encoding/json says %d", page, rows.Len(), len(want))
		}
		for i, row := range want {
			if !row.Timestamp.Equal(rows.Time(i)) || !same(row.WindSpeed, rows.Values[0][i]) || !same(row.Power, rows.Values[1][i]) {
				t.Errorf("%q: row %d is %v, %v, %v", page, i, rows.Time(i), rows.Values[0][i], rows.Values[1][i])
			}
		}
		written, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		if want != nil {
			if again, err := decodeTwo(string(written)); err != nil || !cmp.Equal(rows, again, cmpopts.EquateNaNs()) {
				t.Errorf("%q is written %s, which is refused: %v", page, written, err)
			}
		}
	})
}

func same(want *float64, got float64) bool {
	if want == nil {
		return math.IsNaN(got)
	}
	return math.Float64bits(*want) == math.Float64bits(got)
}

func TestAFingerprintDependsOnVariablesTimesAndValuesAlone(t *testing.T) {
	t.Parallel()
	rows := &Rows{Times: []int64{microsTo2000, microsTo2000 + 1}, Values: [][]float64{{1, math.NaN()}, {math.Inf(1), -0.5}}}
	whole := NewHasher(twoVariables)
	whole.Add(rows)
	// sha256(b"delfos-1:wind_speed,power\n" + bytes(8) + b"\1?\xf0" + bytes(6) + b"\0" + bytes(7) + b"\1\0\1\xbf\xe0" + bytes(6))
	if got := whole.Sum(); got != "70382bfc5f50ba02b51b4a7712f6d668" {
		t.Errorf("fingerprint = %s", got)
	}
	byRow := NewHasher(nil)
	byRow.AddRow(5, nil)
	byRow.Reset(twoVariables)
	byRow.AddRow(microsTo2000, []float64{1, math.Inf(-1)})
	_ = byRow.Sum()
	byRow.AddRow(microsTo2000+1, []float64{math.NaN(), -0.5})
	if byRow.Sum() != whole.Sum() {
		t.Errorf("row by row it is %s, at once %s", byRow.Sum(), whole.Sum())
	}
	zero, minus := NewHasher(nil), NewHasher(nil)
	zero.AddRow(0, []float64{0})
	minus.AddRow(0, []float64{math.Copysign(0, -1)})
	if zero.Sum() == minus.Sum() {
		t.Error("0 and -0 have the same fingerprint")
	}
}

func TestAnETagIsReadAsItWasWritten(t *testing.T) {
	t.Parallel()
	sum := NewHasher(nil).Sum()
	if got, ok := parseETag(sum.ETag()); !ok || got != sum {
		t.Errorf("parseETag(%s) = %s, %t", sum.ETag(), got, ok)
	}
	for _, tag := range []string{"", `"`, `""`, string(sum), "W/" + sum.ETag(), strings.ToUpper(sum.ETag()), sum.ETag()[:33], `"` + strings.Repeat("g", 32) + `"`} {
		if _, ok := parseETag(tag); ok {
			t.Errorf("parseETag(%s) succeeded", tag)
		}
	}
}

func BenchmarkDecodePage(b *testing.B) {
	var page strings.Builder
	for i := range MaxPageRows {
		fmt.Fprintf(&page, `,{"timestamp":%q,"wind_speed":%v,"power":%v}`,
			time.UnixMicro(int64(i)*1_000_000).UTC().Format(time.RFC3339), 8+math.Sin(float64(i)), 600*math.Cos(float64(i)))
	}
	data := []byte("[" + page.String()[1:] + "]")
	rows := &Rows{}
	d := decoder{variables: twoVariables}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		rows.reset(2)
		if err := d.decode(data, rows); err != nil {
			b.Fatal(err)
		}
	}
}
