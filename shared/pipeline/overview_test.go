package pipeline_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/jackc/pgx/v5/pgxpool"

	"delfos/infra/local/pipelinetest"
	"delfos/shared/bearer"
	"delfos/shared/partition"
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

func TestTheOverviewTellsHowEverythingStands(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 40)
	w.FillSource(t, w.Day(38), w.Day(39))
	for _, n := range []int{38, 39} {
		if _, err := w.Pipeline.Materialize(t.Context(), ana, w.Day(n), false); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := w.Pipeline.Waive(t.Context(), ana, w.Day(37), "no"); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Queues.Send(t.Context(), "arn:aws:sqs:us-east-1:000000000000:"+pipelinetest.Queue, "{}", nil); err != nil {
		t.Fatal(err)
	}
	o := w.Pipeline.Overview(t.Context())
	for name, err := range map[string]error{
		"api": o.API.Err, "source": o.Source.Err, "target": o.Target.Err, "days": o.Days.Err, "runs": o.LastRuns.Err,
		"schedules": o.Schedules.Err, "backfills": o.Backfills.Err, "letters": o.Letters.Err,
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	days := o.Days.Value
	if days.Total != 40 || days.Data[status.DataMaterialized] != 2 || days.Data[status.DataWaived] != 1 || days.LagDays != 0 || len(days.Missing) != 37 || len(days.Recent) != 30 {
		t.Errorf("the days are %+v", days)
	}
	if o.Target.Value.Published != 2 || o.Target.Value.LastDay != w.Last || len(o.LastRuns.Value) != 2 || o.Letters.Value.Waiting != 1 {
		t.Errorf("it is %+v", o)
	}
	if extent := o.Source.Value.Extent; len(extent.Variables) != 3 || !extent.First.Equal(w.Calendar.Span(w.Day(38)).Start) {
		t.Errorf("the source has %+v", extent)
	}
	if next := o.NextTick(); next == nil || next.Schedule != pipelinetest.Tick {
		t.Errorf("the next tick is %+v", next)
	}
	if len(o.Attention) != 2 || o.Attention[0].Kind != "missing" && o.Attention[0].Kind != "letters" {
		t.Errorf("what needs a person is %+v", o.Attention)
	}
}

func TestAPartThatIsDownIsSaidToBeAndTheOthersAreTold(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 2)
	dead := httptest.NewServer(http.NotFoundHandler())
	dead.Close()
	target, err := pgxpool.New(t.Context(), "postgres://nobody@"+dead.Listener.Addr().String()+"/nothing?connect_timeout=1")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(target.Close)
	for name, test := range map[string]struct {
		change func(*pipeline.Options)
		kind   string
	}{
		"the API":    {func(o *pipeline.Options) { o.SourceURL = dead.URL }, "api"},
		"the target": {func(o *pipeline.Options) { o.Target = target }, "target"},
		"the status": {func(o *pipeline.Options) { o.Tables = status.Tables{Partitions: "no", Runs: "no", Backfills: "no"} }, "status"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := remade(t, w, test.change).Overview(t.Context())
			broken := 0
			for _, err := range []error{o.API.Err, o.Target.Err, o.Days.Err} {
				if err != nil {
					broken++
				}
			}
			if broken != 1 || o.Schedules.Err != nil || len(o.Attention) == 0 || o.Attention[0].Kind != test.kind || o.Attention[0].Urgency != pipeline.Alarm {
				t.Errorf("%d are broken, and what needs a person is %+v", broken, o.Attention)
			}
		})
	}
}

func TestTheSourceIsReadForTheExplorer(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 16)
	w.FillSource(t, partition.Days(w.First, w.Last)...)
	span := w.Calendar.Span(w.Day(0))
	samples, err := w.Pipeline.Samples(t.Context(), span, []string{"power", "ambient_temperature"})
	if err != nil || len(samples.Times) != 1440 || samples.Cut || samples.Values[1][0] != 15 {
		t.Errorf("a day has %d samples: %v", len(samples.Times), err)
	}
	span.End = w.Calendar.Span(w.Last).End
	if samples, err = w.Pipeline.Samples(t.Context(), span, []string{"power"}); err != nil || len(samples.Times) != pipeline.MaxSamples || !samples.Cut {
		t.Errorf("16 days have %d: %v", len(samples.Times), err)
	}
	for name, bad := range map[string]func() error{
		"no variable":  func() error { return second(w.Pipeline.Samples(t.Context(), span, nil)) },
		"unknown":      func() error { return second(w.Pipeline.Samples(t.Context(), span, []string{"colour"})) },
		"empty window": func() error { return second(w.Pipeline.Samples(t.Context(), partition.Span{}, []string{"power"})) },
	} {
		if err := bad(); !is[*pipeline.InvalidError](err) {
			t.Errorf("%s: %v", name, err)
		}
	}
	stranger := remade(t, w, func(o *pipeline.Options) { o.SourceToken = bearer.Fixed("another") })
	if _, err := stranger.Extent(t.Context()); !is[*pipeline.RefusedError](err) {
		t.Errorf("with another token: %v", err)
	}
	if _, err := stranger.Samples(t.Context(), w.Calendar.Span(w.Day(0)), []string{"power"}); !is[*pipeline.RefusedError](err) {
		t.Errorf("with another token: %v", err)
	}
}

func TestOptionsThatAreMissingAreNamed(t *testing.T) {
	t.Parallel()
	w := pipelinetest.New(t, 1)
	for name, change := range map[string]func(*pipeline.Options){
		"Asset":  func(o *pipeline.Options) { o.Asset = "" },
		"Target": func(o *pipeline.Options) { o.Target = nil },
		"token":  func(o *pipeline.Options) { o.SourceToken = bearer.Fixed("") },
	} {
		options := w.Options
		change(&options)
		if _, err := pipeline.New(options); err == nil {
			t.Errorf("without %s there is a pipeline", name)
		}
	}
}
