package etl

import (
	"context"
	"fmt"
	"math"
	"strings"
	"time"

	"delfos/shared/source"
	"delfos/shared/target"
	"delfos/shared/timeseries"
)

// day is what came from the source, aggregated.
type day struct {
	fingerprint source.Fingerprint
	rowsRead    int64
	values      int64 // that were not null
	windows     int64
	rows        []target.Row

	extract, aggregate time.Duration
}

// extract reads the day through the source API and aggregates each page as it
// comes. A day without a sample is an error, unless the request allows it.
func (r *run) extract(ctx context.Context) (*day, error) {
	began := r.Now()
	span := r.Settings.Calendar.Span(r.request.Partition)
	d := &day{}
	signals := signalNames(r.Settings.Variables)
	aggregator, err := timeseries.NewAggregator(span, r.Settings.Window, len(r.Settings.Variables), func(w timeseries.Window) error {
		d.add(signals, w)
		return nil
	})
	if err != nil {
		return nil, err
	}
	d.fingerprint, err = r.Source.Read(ctx, source.Query{Span: span, Variables: r.Settings.Variables}, func(rows *source.Rows) error {
		arrived := r.Now()
		defer func() { d.aggregate += r.Now().Sub(arrived) }()
		d.rowsRead += int64(rows.Len())
		return aggregator.Add(rows.Times, rows.Values)
	})
	if err != nil {
		return nil, err
	}
	if err := aggregator.Close(); err != nil {
		return nil, err
	}
	d.extract = r.Now().Sub(began) - d.aggregate
	if d.values == 0 && !r.request.AllowEmpty {
		return nil, r.emptyPartition()
	}
	return d, nil
}

func (r *run) emptyPartition() error {
	return &EmptyPartition{failure{message: fmt.Sprintf(
		`partition %s: the source has no sample of %s in it, so the target stays as it was; if the day really is empty, run it with "allow_empty": true`,
		r.request.Partition, strings.Join(r.Settings.Variables, " or "))}}
}

// The four statistics of a variable, in the order of statisticsOf.
var statisticNames = [...]string{"mean", "min", "max", "std"}

func statisticsOf(s timeseries.Statistics) [len(statisticNames)]float64 {
	return [...]float64{s.Mean, s.Min, s.Max, s.Std}
}

// signalNames are the names in the target: a variable's, then a statistic's.
func signalNames(variables []string) [][len(statisticNames)]string {
	signals := make([][len(statisticNames)]string, len(variables))
	for v, variable := range variables {
		for s, statistic := range statisticNames {
			signals[v][s] = variable + "_" + statistic
		}
	}
	return signals
}

// add turns a window into rows of the target: four for each variable that has a
// sample in it.
func (d *day) add(signals [][len(statisticNames)]string, w timeseries.Window) {
	d.windows++
	for v, statistics := range w.Statistics {
		if statistics.Count == 0 {
			continue
		}
		d.values += int64(statistics.Count)
		for s, value := range statisticsOf(statistics) {
			d.rows = append(d.rows, target.Row{Time: w.Start, Signal: signals[v][s], Value: value})
		}
	}
}

// expected is how many samples a day should have.
func (r *run) expected() int64 {
	return int64(r.Settings.Calendar.Span(r.request.Partition).Duration() / r.Settings.SampleInterval)
}

// coverage is the share of the expected values that came and were not null, to
// four digits; at most 1.
func (r *run) coverage(d *day) float64 {
	expected := float64(r.expected() * int64(len(r.Settings.Variables)))
	return min(1, math.Round(float64(d.values)/expected*1e4)/1e4)
}
