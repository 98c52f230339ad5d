package pipeline

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"delfos/shared/partition"
	"delfos/shared/source"
)

// Curves are a day's published statistics, window by window.
type Curves struct {
	Span   partition.Span
	Window time.Duration
	Times  []time.Time // the start of each window of the day, UTC
	Curves []Curve     // in the order of the variables
}

// Empty tells whether nothing is published of the day.
func (c Curves) Empty() bool { return len(c.Curves) == 0 }

// Curve is one variable. Its slices have a value for each of Curves.Times; NaN is a
// gap: a window without samples or, of Std alone, with one.
type Curve struct {
	Variable, Unit      string // "wind_speed", "m/s"
	Mean, Min, Max, Std []float64
}

// Curves reads a day's curves from the target. The errors are those of Partition, and
// an *UnavailableError where the database does not answer.
func (p *Pipeline) Curves(ctx context.Context, key partition.Key) (Curves, error) {
	if err := p.checkDay(key, p.now()); err != nil {
		return Curves{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	found := newCurves(p.options.Calendar.Span(key), p.options.Window)
	rows, err := p.options.Target.Query(ctx, curvesQuery, found.Span.Start, found.Span.End)
	if err != nil {
		return Curves{}, explain(theTarget, err)
	}
	var name string
	var at time.Time
	var value *float64
	if _, err = pgx.ForEachRow(rows, []any{&name, &at, &value}, func() error {
		found.put(name, at, value)
		return nil
	}); err != nil {
		return Curves{}, explain(theTarget, err)
	}
	found.arrange(p.options.Variables)
	return found, nil
}

// curvesQuery reads through the primary key, which begins with the signal.
const curvesQuery = `
	SELECT signal.name, day.timestamp, day.value
	FROM signal, LATERAL (
		SELECT timestamp, value FROM data
		WHERE data.signal_id = signal.id AND data.timestamp >= $1 AND data.timestamp < $2
	) AS day`

func newCurves(span partition.Span, window time.Duration) Curves {
	c := Curves{Span: span, Window: window}
	for at := span.Start; at.Before(span.End); at = at.Add(window) {
		c.Times = append(c.Times, at)
	}
	return c
}

// put takes one value of a signal, "wind_speed_mean". What is at no window's start is
// of a width that was configured before, and is left out.
func (c *Curves) put(signal string, at time.Time, value *float64) {
	since := at.Sub(c.Span.Start)
	cut := strings.LastIndexByte(signal, '_')
	if value == nil || cut < 0 || since < 0 || since%c.Window != 0 || int(since/c.Window) >= len(c.Times) {
		return
	}
	curve := c.of(signal[:cut])
	values := map[string][]float64{"mean": curve.Mean, "min": curve.Min, "max": curve.Max, "std": curve.Std}[signal[cut+1:]]
	if values != nil {
		values[since/c.Window] = *value
	}
}

// of is the curve of a variable, made of gaps where it is new.
func (c *Curves) of(variable string) *Curve {
	for i := range c.Curves {
		if c.Curves[i].Variable == variable {
			return &c.Curves[i]
		}
	}
	gaps := func() []float64 {
		values := make([]float64, len(c.Times))
		for i := range values {
			values[i] = math.NaN()
		}
		return values
	}
	c.Curves = append(c.Curves, Curve{Variable: variable, Unit: unitOf(variable), Mean: gaps(), Min: gaps(), Max: gaps(), Std: gaps()})
	return &c.Curves[len(c.Curves)-1]
}

// unitOf is a variable's unit; empty where it is none of the source's.
func unitOf(name string) string {
	for _, variable := range source.Variables() {
		if variable.Name == name {
			return variable.Unit
		}
	}
	return ""
}

// arrange puts the published variables first, in their order, and then any others.
func (c *Curves) arrange(variables []string) {
	place := func(curve Curve) int {
		if i := slices.Index(variables, curve.Variable); i >= 0 {
			return i
		}
		return len(variables)
	}
	slices.SortStableFunc(c.Curves, func(a, b Curve) int {
		return cmp.Or(cmp.Compare(place(a), place(b)), strings.Compare(a.Variable, b.Variable))
	})
}
