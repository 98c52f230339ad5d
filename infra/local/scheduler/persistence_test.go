package scheduler_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/journal"
	"delfos/infra/local/scheduler"
)

func in(dir string) func(*scheduler.Options) {
	return func(o *scheduler.Options) { o.Dir = dir }
}

func TestSchedulesAndTheirHistorySurviveAndMissedFiringsAreCounted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		f := &targets{}
		service := open(t, f, in(dir))
		declare(t, service, definition("hourly", "cron(0 * * * ? *)", functionARN), definition("off", "rate(1 hour)", functionARN))
		service.Start()
		request(t, service, "PUT", "/schedules/off", fmt.Sprintf(
			`{"ScheduleExpression":"rate(1 hour)","State":"DISABLED","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"Arn":%q,"RoleArn":%q}}`, functionARN, roleARN))
		request(t, service, "POST", "/schedules/gone", fmt.Sprintf(
			`{"ScheduleExpression":"rate(1 hour)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"Arn":%q,"RoleArn":%q}}`, functionARN, roleARN))
		request(t, service, "DELETE", "/schedules/gone", "")
		time.Sleep(150 * time.Minute)
		synctest.Wait()
		before := request(t, service, "GET", "/schedules/hourly", "")
		ticks, _ := service.Ticks("hourly")
		if err := service.Close(); err != nil {
			t.Fatal(err)
		}

		time.Sleep(3 * time.Hour) // the stack is down
		log := &bytes.Buffer{}
		reopened := open(t, f, in(dir), func(o *scheduler.Options) { o.Logger = slog.New(slog.NewTextHandler(log, nil)) })
		declare(t, reopened, definition("hourly", "cron(0 * * * ? *)", functionARN), definition("off", "rate(1 hour)", functionARN))
		reopened.Start()
		if diff := cmp.Diff(before, request(t, reopened, "GET", "/schedules/hourly", "")); diff != "" {
			t.Error(diff)
		}
		if off := request(t, reopened, "GET", "/schedules/off", ""); !strings.Contains(off, `"DISABLED"`) {
			t.Errorf("the state is forgotten: %s", off)
		}
		if list := request(t, reopened, "GET", "/schedules", ""); strings.Contains(list, "gone") {
			t.Errorf("a deleted schedule is back: %s", list)
		}
		again, _ := reopened.Ticks("hourly")
		if diff := cmp.Diff(ticks, again[:len(ticks)]); diff != "" {
			t.Error(diff)
		}
		if missed := last(t, reopened, "hourly"); missed.Outcome != scheduler.Missed || missed.Missed != 3 || !missed.ScheduledTime.Equal(begin.Add(5*time.Hour)) {
			t.Errorf("%+v", missed)
		}
		if !strings.Contains(log.String(), "missed=3") || strings.Count(log.String(), "missed=") != 1 {
			t.Errorf("log: %s", log)
		}
		calls := len(f.all())
		time.Sleep(time.Hour)
		synctest.Wait()
		if after := f.all(); len(after) != calls+1 {
			t.Errorf("%d firings after the restart, want 1", len(after)-calls)
		}
	})
}

func TestADeploymentChangesWhatItDeclaresAndNothingElse(t *testing.T) {
	t.Parallel()
	service := open(t, &targets{}, at(now))
	body := fmt.Sprintf(`{"ScheduleExpression":"rate(1 hour)","FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"Arn":%q,"RoleArn":%q}}`, functionARN, roleARN)
	request(t, service, "POST", "/schedules/by-hand", body)
	a, b := definition("a", "rate(1 day)", functionARN), definition("b", "rate(1 day)", functionARN)
	declare(t, service, a, b)
	request(t, service, "PUT", "/schedules/a", strings.Replace(body, "rate(1 hour)", "rate(2 hours)", 1))
	declare(t, service, a)
	list := request(t, service, "GET", "/schedules", "")
	if strings.Contains(list, `"b"`) || !strings.Contains(list, "by-hand") {
		t.Errorf("%s", list)
	}
	if kept := request(t, service, "GET", "/schedules/a", ""); !strings.Contains(kept, "rate(2 hours)") {
		t.Errorf("what the API made of it is gone: %s", kept)
	}
	a.Description = "changed"
	declare(t, service, a)
	if changed := request(t, service, "GET", "/schedules/a", ""); !strings.Contains(changed, "rate(1 day)") || !strings.Contains(changed, "changed") {
		t.Errorf("a changed declaration is not deployed: %s", changed)
	}
	for says, bad := range map[string][]scheduler.Definition{
		"ScheduleExpression":            {definition("c", "daily", functionARN)},
		"two of the name":               {a, a},
		"Schedule group other does not": {{Name: "d", GroupName: "other", ScheduleExpression: "rate(1 day)", FlexibleTimeWindow: a.FlexibleTimeWindow, Target: a.Target}},
	} {
		if err := service.Declare(bad...); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%v, want %q", err, says)
		}
	}
}

func TestATornJournalLosesItsLastRecordAloneAndADamagedOneIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "scheduler.jsonl")
	service := open(t, &targets{}, in(dir))
	declare(t, service, definition("a", "rate(1 day)", functionARN))
	declare(t, service, definition("a", "rate(1 day)", functionARN), definition("b", "rate(1 day)", functionARN))
	if err := service.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)-5], 0o600); err != nil {
		t.Fatal(err)
	}
	torn := open(t, &targets{}, in(dir))
	if list := request(t, torn, "GET", "/schedules", ""); !strings.Contains(list, `"Name":"a"`) || strings.Contains(list, `"Name":"b"`) {
		t.Errorf("%s", list)
	}
	if err := torn.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, append([]byte("xxxx"), whole...), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = scheduler.Open(scheduler.Options{Dir: dir})
	if damage, ok := errors.AsType[*journal.DamageError](err); !ok || damage.Path != path {
		t.Errorf("%v", err)
	}
}

func TestHistoryAndJournalAreBounded(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		service := open(t, &targets{}, in(dir))
		declare(t, service, definition("busy", "rate(1 minute)", functionARN))
		service.Start()
		time.Sleep(10_000 * time.Minute)
		synctest.Wait()
		ticks, _ := service.Ticks("busy")
		if len(ticks) != scheduler.MaxTicks || !ticks[len(ticks)-1].ScheduledTime.Equal(begin.Add(10_000*time.Minute)) {
			t.Errorf("%d ticks, the last %+v", len(ticks), ticks[len(ticks)-1])
		}
		if err := service.Close(); err != nil {
			t.Fatal(err)
		}
		journal, err := os.ReadFile(filepath.Join(dir, "scheduler.jsonl"))
		if lines := bytes.Count(journal, []byte("\n")); err != nil || lines > 5000 {
			t.Errorf("%d records, %v", lines, err)
		}
		reopened := open(t, &targets{}, in(dir))
		again, _ := reopened.Ticks("busy")
		if diff := cmp.Diff(ticks, again); diff != "" {
			t.Error(diff)
		}
	})
}
