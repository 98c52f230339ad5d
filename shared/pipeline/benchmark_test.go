package pipeline_test

import (
	"syscall"
	"testing"

	"delfos/infra/local/pipelinetest"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// The console answers within 100 ms with ten years of days and 10,000 runs, its own
// work included.
func BenchmarkTenYears(b *testing.B) {
	w := pipelinetest.New(b, 3653)
	w.FillStatus(b, 10_000)
	p, ctx := w.Pipeline, b.Context()
	newest, err := p.Runs(ctx, pipeline.RunFilter{}, pipeline.Page{})
	if err != nil {
		b.Fatal(err)
	}
	for name, read := range map[string]func() error{
		"overview": func() error {
			o := p.Overview(ctx)
			return o.Days.Err
		},
		"partitions": func() error {
			_, err := p.Partitions(ctx, w.First, w.Last)
			return err
		},
		"partition": func() error {
			_, err := p.Partition(ctx, w.Day(1000))
			return err
		},
		"curves": func() error {
			_, err := p.Curves(ctx, w.Day(1000))
			return err
		},
		"runs": func() error {
			_, err := p.Runs(ctx, pipeline.RunFilter{}, pipeline.Page{Limit: 100})
			return err
		},
		"failed runs": func() error {
			_, err := p.Runs(ctx, pipeline.RunFilter{Outcome: status.OutcomeFailed}, pipeline.Page{Limit: 50})
			return err
		},
		"run": func() error {
			_, err := p.Run(ctx, newest.Runs[0].ID)
			return err
		},
		"backfills": func() error {
			_, err := p.Backfills(ctx, pipeline.BackfillFilter{}, pipeline.Page{})
			return err
		},
		"schedules": func() error {
			_, err := p.Schedules(ctx, 5)
			return err
		},
		"ticks": func() error {
			_, err := p.Ticks(ctx, 50)
			return err
		},
	} {
		b.Run(name, func(b *testing.B) {
			before := cpu(b)
			for b.Loop() {
				if err := read(); err != nil {
					b.Fatal(err)
				}
			}
			b.ReportMetric(float64(cpu(b)-before)/1e6/float64(b.N), "cpu-ms/op")
		})
	}
}

// cpu is the time that this process has computed, the local services included: unlike
// the time on the wall, it is the same on a busy machine. In nanoseconds.
func cpu(b *testing.B) int64 {
	b.Helper()
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		b.Fatal(err)
	}
	return usage.Utime.Nano() + usage.Stime.Nano()
}
