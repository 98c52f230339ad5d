package scheduler_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/logs"
	"delfos/infra/local/scheduler"
)

// begin is when a bubble of testing/synctest begins.
var begin = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

// times are when the calls were made, from begin.
func times(calls []call) []time.Duration {
	all := []time.Duration{}
	for _, one := range calls {
		all = append(all, one.At.Sub(begin))
	}
	return all
}

func last(t *testing.T, service *scheduler.Service, name string) scheduler.Tick {
	t.Helper()
	ticks, ok := service.Ticks(name)
	if !ok || len(ticks) == 0 {
		t.Fatalf("schedule %s has no ticks", name)
	}
	return ticks[len(ticks)-1]
}

func TestEachKindOfTargetIsInvokedAtItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &targets{}
		service := open(t, f)
		function := definition("function", "cron(0 1 * * ? *)", functionARN)
		function.ScheduleExpressionTimezone = "America/Sao_Paulo" // two hours behind, in that summer
		function.Target.Input = `{"scheduled_time":"<aws.scheduler.scheduled-time>","arn":"<aws.scheduler.schedule-arn>","id":"<aws.scheduler.execution-id>","attempt":"<aws.scheduler.attempt-number>"}`
		machine := definition("machine", "at(2000-01-01T06:00:00)", machineARN)
		machine.Target.Input = `{"last_days":7}`
		queue := definition("queue", "rate(8 hours)", queueARN)
		queue.Target.Input = "not JSON"
		declare(t, service, function, machine, queue)
		service.Start()
		time.Sleep(10 * time.Hour)
		synctest.Wait()
		want := []call{
			{At: begin, Target: queueARN, Input: "not JSON"},
			{
				At: begin.Add(3 * time.Hour), Target: functionARN, Input: `{"scheduled_time":"2000-01-01T03:00:00Z",` +
					`"arn":"arn:aws:scheduler:eu-west-1:123456789012:schedule/default/function","id":"0000000200004000","attempt":"1"}`,
			},
			{At: begin.Add(6 * time.Hour), Target: machineARN, Input: `{"last_days":7}`, Name: "00000003-0000-4000-8000-000000000000"},
			{At: begin.Add(8 * time.Hour), Target: queueARN, Input: "not JSON"},
		}
		if diff := cmp.Diff(want, f.all()); diff != "" {
			t.Error(diff)
		}
		for name, started := range map[string]string{
			"function": "request-1", "machine": "arn:aws:states:eu-west-1:123456789012:execution:backfill:00000003-0000-4000-8000-000000000000", "queue": "message-1",
		} {
			if tick := last(t, service, name); tick.Started != started || tick.Outcome != scheduler.Started || tick.Attempts != 1 {
				t.Errorf("%+v", tick)
			}
		}
	})
}

func TestATargetWithoutInputGetsTheDefaultEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &targets{}
		service := open(t, f)
		service.Start()
		declare(t, service, definition("daily", "cron(0 1 * * ? *)", functionARN))
		time.Sleep(time.Hour)
		synctest.Wait()
		want := `{"version":"0","id":"00000001-0000-4000-8000-000000000000","detail-type":"Scheduled Event","source":"aws.scheduler",` +
			`"account":"123456789012","time":"2000-01-01T01:00:00Z","region":"eu-west-1",` +
			`"resources":["arn:aws:scheduler:eu-west-1:123456789012:schedule/default/daily"],"detail":"{}"}`
		if calls := f.all(); len(calls) != 1 || calls[0].Input != want {
			t.Errorf("%+v", calls)
		}
	})
}

func TestARefusedFiringIsTriedAgainWithinItsPolicyAndThenDeadLettered(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		age, retries int
		condition    string
		at           []int // of the attempts, in seconds after the scheduled time
	}{
		"no retries":     {86400, 0, "MaximumRetryAttempts", []int{0}},
		"three retries":  {86400, 3, "MaximumRetryAttempts", []int{0, 1, 3, 7}},
		"for a minute":   {60, 185, "MaximumEventAgeInSeconds", []int{0, 1, 3, 7, 15, 31}},
		"eleven retries": {86400, 11, "MaximumRetryAttempts", []int{0, 1, 3, 7, 15, 31, 63, 127, 255, 511, 991, 1471}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := &targets{refuse: func(target string) error {
					if target == deadARN {
						return nil
					}
					return &awsjson.Error{Type: "ResourceNotFoundException", Message: "Function not found: " + target, Status: 404}
				}}
				service := open(t, f)
				d := definition("daily", "at(2000-01-01T01:00:00)", functionARN)
				d.Target.Input = `{"attempt":"<aws.scheduler.attempt-number>"}`
				d.Target.RetryPolicy = &scheduler.RetryPolicy{MaximumEventAgeInSeconds: &test.age, MaximumRetryAttempts: &test.retries}
				d.Target.DeadLetterConfig = &scheduler.DeadLetterConfig{Arn: deadARN}
				declare(t, service, d)
				service.Start()
				time.Sleep(3 * time.Hour)
				synctest.Wait()
				calls := f.all()
				attempts, dead := calls[:len(calls)-1], calls[len(calls)-1]
				var want []time.Duration
				for _, seconds := range test.at {
					want = append(want, time.Hour+time.Duration(seconds)*time.Second)
				}
				if diff := cmp.Diff(want, times(attempts)); diff != "" {
					t.Error(diff)
				}
				body := fmt.Sprintf(`{"FunctionName":%q,"InvocationType":"Event","Payload":"{\"attempt\":\"%d\"}"}`, functionARN, len(attempts))
				wantDead := call{At: attempts[len(attempts)-1].At, Target: deadARN, Input: body, Attributes: map[string]string{
					"ERROR_CODE": "ResourceNotFoundException", "ERROR_MESSAGE": "Function not found: " + functionARN, "EXECUTION_ID": "0000000100004000",
					"EXHAUSTED_RETRY_CONDITION": test.condition, "IS_PAYLOAD_TRUNCATED": "false", "RETRY_ATTEMPTS": fmt.Sprint(len(attempts) - 1),
					"SCHEDULED_TIME": "2000-01-01T01:00:00Z", "SCHEDULE_ARN": service.ARN("daily"), "TARGET_ARN": functionARN,
				}}
				if diff := cmp.Diff(wantDead, dead); diff != "" {
					t.Error(diff)
				}
				if tick := last(t, service, "daily"); tick.Outcome != scheduler.DeadLettered || tick.Attempts != len(attempts) || !strings.Contains(tick.Error, "Function not found") {
					t.Errorf("%+v", tick)
				}
			})
		})
	}
}

func TestALargeDeadLetterIsCutAndSaysSo(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, none := &targets{refuse: func(target string) error {
			if target == deadARN {
				return nil
			}
			return errors.New("no")
		}}, 0
		service := open(t, f)
		d := definition("large", "rate(1 day)", machineARN)
		d.Target.Input = `"` + strings.Repeat("é", 131_000) + `"`
		d.Target.RetryPolicy = &scheduler.RetryPolicy{MaximumRetryAttempts: &none}
		d.Target.DeadLetterConfig = &scheduler.DeadLetterConfig{Arn: deadARN}
		small := d
		small.Name, small.Target.Arn, small.Target.Input = "small", queueARN, "text"
		declare(t, service, d, small)
		service.Start()
		synctest.Wait()
		for _, one := range f.all() {
			cut := strings.HasPrefix(one.Input, `{"stateMachineArn":`)
			if one.Target == deadARN && (one.Attributes["IS_PAYLOAD_TRUNCATED"] != fmt.Sprint(cut && len(one.Input) >= 256<<10-1) ||
				one.Attributes["ERROR_CODE"] != "InternalFailure" || len(one.Input) > 256<<10) {
				t.Errorf("%d bytes, %v", len(one.Input), one.Attributes)
			}
			if one.Target == deadARN && !cut && one.Input != `{"MessageBody":"text","QueueArn":"`+queueARN+`"}` {
				t.Error(one.Input)
			}
		}
	})
}

func TestARetryThatIsAcceptedStartsOneExecution(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		refusals := 2
		f := &targets{refuse: func(string) error {
			if refusals--; refusals < 0 {
				return nil
			}
			return errors.New("not now")
		}}
		service := open(t, f)
		declare(t, service, definition("sweep", "at(2000-01-01T01:00:00)", machineARN))
		service.Start()
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		calls := f.all()
		if len(calls) != 3 || calls[0].Name != calls[2].Name {
			t.Errorf("%+v", calls)
		}
		if tick := last(t, service, "sweep"); tick.Outcome != scheduler.Started || tick.Attempts != 3 || tick.Error != "" {
			t.Errorf("%+v", tick)
		}
	})
}

func TestAFiringThatNobodyTakesHasFailed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, none := &targets{refuse: func(target string) error { return errors.New("no " + target) }}, 0
		service := open(t, f, func(o *scheduler.Options) { o.StateMachines = nil })
		with := definition("with", "rate(1 day)", functionARN)
		with.Target.RetryPolicy = &scheduler.RetryPolicy{MaximumRetryAttempts: &none}
		without := with
		without.Name = "without"
		with.Target.DeadLetterConfig = &scheduler.DeadLetterConfig{Arn: deadARN}
		nobody := without
		nobody.Name, nobody.Target.Arn = "nobody", machineARN
		declare(t, service, with, without, nobody)
		service.Start()
		synctest.Wait()
		for name, says := range map[string]string{"with": "no " + deadARN, "without": "no " + functionARN, "nobody": "nothing was given"} {
			if tick := last(t, service, name); tick.Outcome != scheduler.Failed || !strings.Contains(tick.Error, says) {
				t.Errorf("%+v", tick)
			}
		}
	})
}

func TestAFlexibleScheduleFiresWithinItsWindowUnlessItIsTurnedOff(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &targets{}
		service := open(t, f, func(o *scheduler.Options) {
			o.Random = func(window time.Duration) time.Duration { return window - time.Second }
		})
		service.Start()
		minutes := 15
		d := definition("daily", "cron(0 1 * * ? *)", functionARN)
		d.FlexibleTimeWindow = scheduler.FlexibleTimeWindow{Mode: "FLEXIBLE", MaximumWindowInMinutes: &minutes}
		d.Target.Input = `"<aws.scheduler.scheduled-time>"`
		declare(t, service, d)
		time.Sleep(24*time.Hour + time.Hour + time.Minute)
		synctest.Wait()
		want := []call{{At: begin.Add(time.Hour + 14*time.Minute + 59*time.Second), Target: functionARN, Input: `"2000-01-01T01:00:00Z"`}}
		if diff := cmp.Diff(want, f.all()); diff != "" {
			t.Error(diff)
		}
		d.State = "DISABLED" // within the window of the second day
		declare(t, service, d)
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if diff := cmp.Diff(want, f.all()); diff != "" {
			t.Error(diff)
		}
		if tick := last(t, service, "daily"); tick.Outcome != scheduler.Dropped || !tick.ScheduledTime.Equal(begin.Add(25*time.Hour)) {
			t.Errorf("%+v", tick)
		}
	})
}

func TestAScheduleFiresFromItsStartToItsEnd(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &targets{}
		service := open(t, f)
		d := definition("rate", "rate(1 hour)", functionARN)
		d.StartDate, d.EndDate = &scheduler.Timestamp{Time: begin.Add(90 * time.Minute)}, &scheduler.Timestamp{Time: begin.Add(210 * time.Minute)}
		cron := definition("cron", "cron(0 * * * ? *)", queueARN)
		cron.StartDate, cron.EndDate = &scheduler.Timestamp{Time: begin.Add(5 * time.Hour)}, &scheduler.Timestamp{Time: begin.Add(6*time.Hour + 30*time.Minute)}
		declare(t, service, d, cron)
		service.Start()
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		want := []time.Duration{90 * time.Minute, 150 * time.Minute, 210 * time.Minute, 5 * time.Hour, 6 * time.Hour}
		if diff := cmp.Diff(want, times(f.all())); diff != "" {
			t.Error(diff)
		}
	})
}

func TestAnUpdateChangesTheNextFiringWhileThePlannerWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := &targets{}
		service := open(t, f)
		service.Start()
		put := func(method, expression, state string) {
			request(t, service, method, "/schedules/it", fmt.Sprintf(
				`{"ScheduleExpression":%q,"State":%q,"FlexibleTimeWindow":{"Mode":"OFF"},"Target":{"Arn":%q,"RoleArn":%q}}`, expression, state, functionARN, roleARN))
		}
		put("POST", "cron(0 12 * * ? *)", "ENABLED")
		time.Sleep(time.Hour)
		put("PUT", "cron(30 1 * * ? *)", "ENABLED") // sooner
		time.Sleep(time.Hour)
		put("PUT", "cron(0 3 * * ? *)", "DISABLED") // not at all
		time.Sleep(24 * time.Hour)
		put("PUT", "cron(0 3 * * ? *)", "ENABLED") // not for what went by
		time.Sleep(2 * time.Hour)
		request(t, service, "DELETE", "/schedules/it", "")
		time.Sleep(48 * time.Hour)
		synctest.Wait()
		if diff := cmp.Diff([]time.Duration{90 * time.Minute, 27 * time.Hour}, times(f.all())); diff != "" {
			t.Error(diff)
		}
	})
}

func TestACompletedScheduleIsDeletedIfItAsksForIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := open(t, &targets{})
		service.Start()
		once := definition("once", "at(2000-01-01T01:00:00)", functionARN)
		once.ActionAfterCompletion = "DELETE"
		ending := definition("ending", "rate(1 hour)", functionARN)
		ending.ActionAfterCompletion, ending.EndDate = "DELETE", &scheduler.Timestamp{Time: begin.Add(2 * time.Hour)}
		declare(t, service, once, ending, definition("kept", "at(2000-01-01T01:00:00)", functionARN))
		time.Sleep(90 * time.Minute)
		synctest.Wait()
		_, hasOnce := service.Ticks("once")
		_, hasEnding := service.Ticks("ending")
		_, hasKept := service.Ticks("kept")
		if hasOnce || !hasEnding || !hasKept {
			t.Errorf("once %v, ending %v, kept %v", hasOnce, hasEnding, hasKept)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if _, hasEnding := service.Ticks("ending"); hasEnding {
			t.Error("the schedule is there after its EndDate")
		}
	})
}

func TestFiringsMissedInSleepAreCountedAndNotMadeUpFor(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f, asleep := &targets{}, atomic.Int64{}
		service := open(t, f, func(o *scheduler.Options) {
			o.Now = func() time.Time { return time.Now().Add(time.Duration(asleep.Load())) }
		})
		declare(t, service, definition("hourly", "cron(0 * * * ? *)", functionARN))
		service.Start()
		time.Sleep(90*time.Minute + 30*time.Second)
		synctest.Wait()
		asleep.Store(int64(10 * time.Hour)) // the clock goes on, the timers do not
		time.Sleep(time.Hour)
		synctest.Wait()
		ticks, _ := service.Ticks("hourly")
		if len(ticks) != 3 || ticks[1].Outcome != scheduler.Missed || ticks[1].Missed != 10 || len(f.all()) != 2 {
			t.Errorf("%d calls, %+v", len(f.all()), ticks)
		}
	})
}

func TestCloseDropsWhatWaitsForARetry(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		store, err := logs.Open(logs.Options{})
		if err != nil {
			t.Fatal(err)
		}
		service := open(t, &targets{refuse: func(string) error { return errors.New("not now") }}, func(o *scheduler.Options) { o.Logs = store })
		declare(t, service, definition("it", "rate(1 day)", functionARN))
		service.Start()
		time.Sleep(time.Minute)
		if err := service.Close(); err != nil {
			t.Fatal(err)
		}
		if tick := last(t, service, "it"); tick.Outcome != scheduler.Dropped || tick.Attempts != 6 || tick.Error != "not now" {
			t.Errorf("%+v", tick)
		}
		answer, err := store.Call(t.Context(), "FilterLogEvents", []byte(`{"logGroupName":"/aws/scheduler/delfos-ticks"}`))
		if err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(answer)
		if err != nil || !strings.Contains(string(text), `\"schedule\":\"it\",\"scheduled_time\":\"2000-01-01T00:00:00Z\"`) ||
			!strings.Contains(string(text), `\"outcome\":\"dropped\"`) {
			t.Errorf("%s, %v", text, err)
		}
	})
}
