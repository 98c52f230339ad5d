package partitions

import (
	"html/template"
	"math"
	"time"

	"delfos/shared/console/chart"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// newAround compares the day with those about it: by rows, coverage and duration.
func newAround(detail pipeline.DayDetail) []template.HTML {
	if len(detail.Around) == 0 {
		return nil
	}
	return []template.HTML{
		compare(detail, chart.Bars{ID: "around-rows", Title: "Rows written"},
			func(m status.Materialization) float64 { return float64(m.RowsWritten) }),
		compare(detail, chart.Bars{ID: "around-coverage", Title: "Coverage", Unit: "%", Decimals: 1, Full: 100},
			func(m status.Materialization) float64 { return 100 * m.Coverage }),
		compare(detail, chart.Bars{ID: "around-duration", Title: "Duration of the run", Unit: "ms"},
			func(m status.Materialization) float64 { return float64(m.Duration.Total) / float64(time.Millisecond) }),
	}
}

func compare(detail pipeline.DayDetail, bars chart.Bars, of func(status.Materialization) float64) template.HTML {
	bars.Empty = "Nothing is published yet"
	for i, day := range detail.Around {
		bar := chart.Bar{Name: day.Key.String(), Href: dayURL(day.Key), Marked: day.Key == detail.Key, Value: math.NaN(), Note: words(day)}
		if day.Materialization != nil && day.Data != status.DataWaived {
			bar.Value = of(*day.Materialization)
		}
		if bar.Marked || i == 0 || i == len(detail.Around)-1 {
			bar.Label = utc(day.Key).Format("2 Jan")
		}
		bars.Bars = append(bars.Bars, bar)
	}
	return bars.HTML()
}
