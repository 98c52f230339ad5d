package chart_test

import (
	"encoding/xml"
	"errors"
	"flag"
	"fmt"
	"html/template"
	"io"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/console/chart"
)

var update = flag.Bool("update", false, "write the golden files anew")

var none = math.NaN()

// window is 10 minutes of statistics from minutes after the start on.
func window(start time.Time, minutes int, mean, low, high, std float64) chart.Point {
	return chart.Point{
		At: start.Add(time.Duration(minutes) * time.Minute), For: 10 * time.Minute,
		Mean: mean, Min: low, Max: high, Std: std,
	}
}

// wind is a day of hourly windows with a gap.
func wind(start time.Time, hours int) []chart.Point {
	var points []chart.Point
	for i := range hours {
		mean := 8 + 3*math.Sin(float64(i)/3)
		point := window(start, 60*i, mean, mean-1, mean+1.5, 0.4)
		point.For = time.Hour
		if i >= 7 && i < 9 {
			point.Mean, point.Min, point.Max, point.Std = none, none, none, none
		}
		points = append(points, point)
	}
	return points
}

func lines(t testing.TB, zoneName, start string, hours int, series ...chart.Series) chart.Lines {
	t.Helper()
	from := instant(t, start)
	return chart.Lines{
		ID: "c", Title: "Wind speed", Unit: "m/s", Group: "day",
		Start: from, End: from.Add(time.Duration(hours) * time.Hour), Location: zone(t, zoneName), Every: time.Hour,
		Series: series,
	}
}

func TestChartsAreDrawnAsBefore(t *testing.T) {
	t.Parallel()
	start := instant(t, "2026-02-20T00:00:00Z")
	few := lines(t, "UTC", "2026-02-20T00:00:00Z", 1)
	few.Every = 10 * time.Minute
	with := func(points ...chart.Point) template.HTML {
		c := few
		c.Series = []chart.Series{{Points: points}}
		return c.HTML()
	}
	two := lines(t, "UTC", "2026-02-20T00:00:00Z", 3,
		chart.Series{Name: "here", Points: []chart.Point{chart.Value(start, 1), chart.Value(start.Add(time.Hour), 2)}},
		chart.Series{Name: "there", Points: []chart.Point{chart.Value(start.Add(time.Hour), 3)}})
	days := chart.Bars{ID: "b", Title: "Coverage", Unit: "%", Decimals: 1, Full: 100, Bars: []chart.Bar{
		{Name: "2026-02-19", Label: "19 Feb", Value: 100, Href: "/partitions/2026-02-19"},
		{Name: "2026-02-20", Label: "20 Feb", Value: 43.25, Note: "failed since", Href: "/partitions/2026-02-20", Marked: true},
		{Name: "2026-02-21", Value: none, Href: "/partitions/2026-02-21"},
		{Name: "2026-02-22", Value: 0},
	}}
	for name, html := range map[string]template.HTML{
		"day":        lines(t, "Europe/Lisbon", "2026-02-20T00:00:00Z", 24, chart.Series{Points: wind(start, 24)}).HTML(),
		"day23":      lines(t, "Europe/Lisbon", "2026-03-29T00:00:00Z", 23, chart.Series{Points: wind(instant(t, "2026-03-29T00:00:00Z"), 23)}).HTML(),
		"day25":      lines(t, "Europe/Lisbon", "2026-10-24T23:00:00Z", 25, chart.Series{Points: wind(instant(t, "2026-10-24T23:00:00Z"), 25)}).HTML(),
		"empty":      few.HTML(),
		"allgaps":    with(window(start, 0, none, none, none, none), window(start, 10, none, none, none, none)),
		"onepoint":   with(window(start, 20, 5, 4, 7, none)),
		"constant":   with(window(start, 0, 5, 5, 5, 0), window(start, 10, 5, 5, 5, 0)),
		"zero":       with(window(start, 0, 0, 0, 0, 0), window(start, 10, 0, 0, 0, 0)),
		"huge":       with(window(start, 0, -math.MaxFloat64, none, none, none), window(start, 10, math.MaxFloat64, none, none, none)),
		"twoseries":  two.HTML(),
		"bars":       days.HTML(),
		"nobars":     chart.Bars{ID: "b", Title: "Rows"}.HTML(),
		"spark":      chart.Spark("runs a day", []float64{1, 2, none, 4, none, 3, 3}, 24),
		"sparkempty": chart.Spark("runs a day", nil, 24),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			compare(t, filepath.Join("testdata", name+".svg.html"), readable(string(html)))
			wellFormed(t, string(html))
		})
	}
}

// readable puts each element on a line of its own.
func readable(html string) string { return strings.ReplaceAll(html, "><", ">\n<") + "\n" }

func compare(t *testing.T, path, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("it is drawn differently; go test -update writes it anew.\n%s", diff)
	}
}

// wellFormed holds the markup against what the Content-Security-Policy lets through
// and what browsers agree on: elements that match, no style, no script, and no
// coordinate that is none.
func wellFormed(t testing.TB, html string) {
	t.Helper()
	ids := map[string]bool{}
	decoder := xml.NewDecoder(strings.NewReader("<all>" + html + "</all>"))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return
		}
		if err != nil {
			t.Fatalf("%v in %s", err, html)
		}
		element, ok := token.(xml.StartElement)
		if !ok {
			continue
		}
		for _, a := range element.Attr {
			name := a.Name.Local
			if name == "style" || strings.HasPrefix(name, "on") || element.Name.Local == "script" {
				t.Errorf("<%s %s=%q> is not let through by the policy", element.Name.Local, name, a.Value)
			}
			geometry := name == "d" || name == "x" || name == "y" || name == "width" || name == "height"
			if geometry && strings.ContainsAny(a.Value, "NIe") {
				t.Errorf("<%s %s=%q> is no place", element.Name.Local, name, a.Value)
			}
			if name == "id" && ids[a.Value] {
				t.Errorf("two elements have the id %s", a.Value)
			}
			ids[a.Value] = ids[a.Value] || name == "id"
		}
	}
}

func TestWhateverIsWrittenInAChartIsText(t *testing.T) {
	t.Parallel()
	const evil = `"><script>alert(1)</script><p a='`
	start := instant(t, "2026-02-20T00:00:00Z")
	l := lines(t, "UTC", "2026-02-20T00:00:00Z", 1, chart.Series{Name: evil, Points: []chart.Point{chart.Value(start, 1)}}, chart.Series{Name: evil})
	l.Title, l.Unit, l.Empty, l.Group, l.ID = evil, evil, evil, evil, "safe"
	bars := chart.Bars{ID: "safe", Title: evil, Unit: evil, Empty: evil, Bars: []chart.Bar{{Name: evil, Label: evil, Note: evil, Value: 1, Href: "/" + evil}}}
	for _, html := range []template.HTML{l.HTML(), bars.HTML(), chart.Spark(evil, []float64{1}, 20)} {
		if strings.Contains(string(html), "<script") || strings.Contains(string(html), "a='") {
			t.Errorf("it got through: %s", html)
		}
		wellFormed(t, string(html))
	}
}

func TestALinkInAChartIsAPathOfTheConsole(t *testing.T) {
	t.Parallel()
	html := chart.Bars{ID: "b", Title: "Rows", Bars: []chart.Bar{{Name: "x", Value: 1, Href: "javascript:alert(1)"}}}.HTML()
	if strings.Contains(string(html), "javascript:") {
		t.Errorf("it got through: %s", html)
	}
}

var tick = regexp.MustCompile(`<text x="-8"[^>]*>([^<]*)</text>`)

// ticks are the numbers beside a chart's plot, from below.
func ticks(html template.HTML) string {
	var all []string
	for _, found := range tick.FindAllStringSubmatch(string(html), -1) {
		all = append(all, found[1])
	}
	return strings.Join(all, " ")
}

func TestBarsAreMeasuredInWhatTheirValuesCanBe(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		values   []float64
		decimals int
		want     string
	}{
		"nothing":               {nil, 0, ""},
		"nothing yet":           {[]float64{none, none}, 0, ""},
		"none":                  {[]float64{0, 0}, 0, "0 1"},
		"one":                   {[]float64{1}, 0, "0 1"},
		"two":                   {[]float64{2, none}, 0, "0 1 2"},
		"many":                  {[]float64{1152, 1032}, 0, "0 500 1000 1500"},
		"a share with decimals": {[]float64{1}, 1, "0.0 0.5 1.0"},
		"tenths of a millionth": {[]float64{0.01}, 1, "0.0"},
	}
	for name, test := range tests {
		b := chart.Bars{ID: "b", Title: "Rows", Decimals: test.decimals, Empty: "Nothing yet"}
		for _, value := range test.values {
			b.Bars = append(b.Bars, chart.Bar{Value: value})
		}
		html := b.HTML()
		if got := ticks(html); got != test.want {
			t.Errorf("%s: the ticks are %q, want %q", name, got, test.want)
		}
		if says := strings.Contains(string(html), ">Nothing yet</text>"); says != (test.want == "") {
			t.Errorf("%s: it says that there is nothing yet: %t", name, says)
		}
	}
}

func TestAChartOfAnyNumbersIsWellFormed(t *testing.T) {
	t.Parallel()
	odd := []float64{none, math.Inf(1), math.Inf(-1), 0, math.Copysign(0, -1), 5e-324, math.MaxFloat64, -math.MaxFloat64, 1e-300, 1}
	start := instant(t, "2026-02-20T00:00:00Z")
	for i, mean := range odd {
		for j, low := range odd {
			points := []chart.Point{window(start, 0, mean, low, odd[(i+j)%len(odd)], odd[(i+3*j)%len(odd)]), window(start, 10, low, mean, mean, mean)}
			l := lines(t, "UTC", "2026-02-20T00:00:00Z", 1, chart.Series{Points: points})
			wellFormed(t, string(l.HTML()))
			wellFormed(t, string(chart.Bars{ID: "b", Bars: []chart.Bar{{Value: mean}, {Value: low}}}.HTML()))
			wellFormed(t, string(chart.Spark("s", []float64{mean, low}, 20)))
		}
	}
}

func TestAChartOfManyPointsListsTheFirst(t *testing.T) {
	t.Parallel()
	start := instant(t, "2026-02-20T00:00:00Z")
	var points []chart.Point
	for i := range 5000 {
		points = append(points, chart.Value(start.Add(time.Duration(i)*time.Second), float64(i%7)))
	}
	l := lines(t, "UTC", "2026-02-20T00:00:00Z", 2, chart.Series{Points: points})
	html := string(l.HTML())
	if !strings.Contains(html, "Data, 5000 rows") || !strings.Contains(html, "The first 1500 are listed") {
		t.Error("it does not say that it lists a part")
	}
	if got := strings.Count(html, "<tr"); got != 1501 {
		t.Errorf("%d rows with the head, want 1501", got)
	}
}

func BenchmarkADayOfThreeSignals(b *testing.B) {
	start := instant(b, "2026-02-20T00:00:00Z")
	var points []chart.Point
	for i := range 144 {
		mean := 8 + 3*math.Sin(float64(i)/9)
		points = append(points, window(start, 10*i, mean, mean-1, mean+1, 0.3))
	}
	l := lines(b, "Europe/Lisbon", "2026-02-20T00:00:00Z", 24, chart.Series{Points: points})
	l.Every = 10 * time.Minute
	size := 0
	for b.Loop() {
		for i := range 3 {
			l.ID = fmt.Sprintf("c%d", i)
			size += len(l.HTML())
		}
	}
}
