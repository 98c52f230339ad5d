package browser

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/infra/local"
	"delfos/shared/partition"
)

// TestTheReadmesPictures takes them of a pipeline of more than a year, most of which is
// well, where DELFOS_README says into which directory.
func TestTheReadmesPictures(t *testing.T) {
	t.Parallel()
	dir := os.Getenv("DELFOS_README")
	if dir == "" {
		t.Skip("DELFOS_README does not say where to")
	}
	const n = 430
	last := partition.NewKey(time.Now().UTC()).AddDays(-1)
	w := newWorld(t, local.Options{SeedDays: n, Parameters: map[string]string{"FirstPartition": last.AddDays(1 - n).String()}})
	w.recent(t, last)
	tab := newTab(t, w)
	tab.forReadme(filepath.Join(dir, "overview.png"), "/", "light")
	tab.forReadme(filepath.Join(dir, "partitions.png"), fmt.Sprintf("/partitions?from=%s&to=%s&plan=missing", last.AddDays(-12), last), "dark")
}

// recent has a year that was backfilled and a last week that is being run.
func (w *world) recent(t testing.TB, last partition.Key) {
	t.Helper()
	source := connect(t, w.SourceDSN)
	lose := func(day partition.Key) {
		execute(t, source, `DELETE FROM data WHERE timestamp >= $1::text::timestamptz AND timestamp < $1::text::timestamptz + interval '1 day'`, day.String()+"T00:00:00Z")
	}
	failed := last.AddDays(-9)
	lose(failed)
	for _, day := range []partition.Key{last.AddDays(-100), last.AddDays(-99), last.AddDays(-230)} {
		lose(day)
		if _, err := w.status.Waive(t.Context(), asset, day, "the turbine was being serviced", time.Now()); err != nil {
			t.Fatal(err)
		}
	}
	w.backfill(t, "the-first-year", fmt.Sprintf(`{"to":%q,"max_concurrency":8,"reason":"all that there is"}`, last.AddDays(-6)))
	for w.execution(t, "the-first-year").Status == types.ExecutionStatusRunning {
		time.Sleep(100 * time.Millisecond) // of a minute or so, within the test's own limit
	}
	changed := last.AddDays(-20).String() + "T00:00:00Z"
	execute(t, source, `UPDATE data SET power = power + 1 WHERE timestamp >= $1::text::timestamptz AND timestamp < $1::text::timestamptz + interval '2 days'`, changed)
	_, err := w.lambda.Invoke(t.Context(), &lambda.InvokeInput{
		FunctionName: aws.String(w.Functions["PlanBackfillFunction"]), Payload: []byte(`{"request":{"select":"stale","last_days":30}}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	held := days(last.AddDays(-3).String(), 3)
	w.hold(t, held...) // to the end of the test
	w.backfill(t, "the-last-week", `{"last_days":6,"max_concurrency":3,"reason":"after the outage"}`)
	w.awaitRunning(t, 3, held...)
}

// forReadme takes a picture of what one sees at first, small enough for the README.
func (tab *tab) forReadme(path, page, theme string) {
	tab.t.Helper()
	tab.theme(theme)
	tab.resize(1280, 800)
	tab.to(page)
	tab.until("is there", func() bool { return eval[int](tab, `document.querySelectorAll("#main .skeleton").length`) == 0 })
	tab.take(path)
	if info, err := os.Stat(path); err != nil || info.Size() > 200<<10 {
		tab.t.Errorf("%s: %v, %v; want at most 200 KiB", path, info, err)
	}
}
