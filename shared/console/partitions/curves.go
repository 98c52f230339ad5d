package partitions

import (
	"fmt"
	"html/template"
	"strings"
	"time"

	"delfos/shared/console/chart"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
)

// curvesView is a day's curves, drawn.
type curvesView struct {
	Key    partition.Key
	Charts []template.HTML // one a variable; none where nothing is published
	Window time.Duration
	Err    error
}

// Width tells how wide the windows are: "10-minute windows".
func (c curvesView) Width() string { return fmt.Sprintf("%g-minute windows", c.Window.Minutes()) }

// draw draws each variable's curve, all over the same time axis.
func draw(key partition.Key, curves pipeline.Curves, location *time.Location) curvesView {
	shown := curvesView{Key: key, Window: curves.Window}
	for _, curve := range curves.Curves {
		lines := chart.Lines{
			ID: "curve-" + strings.ReplaceAll(curve.Variable, "_", "-"), Title: title(curve.Variable), Unit: curve.Unit, Group: "day",
			Start: curves.Span.Start, End: curves.Span.End, Location: location, Every: curves.Window,
			Empty: "No samples of this signal on this day", Series: []chart.Series{{Points: points(curves, curve)}},
		}
		shown.Charts = append(shown.Charts, lines.HTML())
	}
	return shown
}

func points(curves pipeline.Curves, curve pipeline.Curve) []chart.Point {
	all := make([]chart.Point, len(curves.Times))
	for i, at := range curves.Times {
		all[i] = chart.Point{
			At: at, For: min(curves.Window, curves.Span.End.Sub(at)),
			Mean: curve.Mean[i], Min: curve.Min[i], Max: curve.Max[i], Std: curve.Std[i],
		}
	}
	return all
}

// title is a variable's name for people: "Wind speed".
func title(variable string) string {
	words := strings.ReplaceAll(variable, "_", " ")
	if words == "" {
		return words
	}
	return strings.ToUpper(words[:1]) + words[1:]
}
