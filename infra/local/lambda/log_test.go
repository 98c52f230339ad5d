package lambda_test

import (
	"encoding/json"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/lambda"
	"delfos/infra/local/logs"
)

func TestTheLogHasEachInvocationsLinesBetweenItsStartAndItsReport(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap())
	var ids []string
	for range 50 {
		ids = append(ids, f.invoke(t, event{Do: "print", Text: "one\n\ntwo"}).RequestID)
	}
	lines := f.log(t)
	want := []string{"platform.initStart", "starting"}
	for range ids {
		want = append(want, "platform.start", "one", "two", "to stderr", "without an end", "platform.report success")
	}
	if diff := cmp.Diff(want, summary(lines)); diff != "" {
		t.Fatal(diff)
	}
	for i, id := range ids {
		begin, report := lines[2+6*i], lines[7+6*i]
		if begin.Record.RequestID != id || report.Record.RequestID != id {
			t.Errorf("invocation %d: %s and %s, want %s", i, begin.Record.RequestID, report.Record.RequestID, id)
		}
	}
}

func TestTheReportHasTheFiguresOfAWS(t *testing.T) {
	t.Parallel()
	function := bootstrap()
	function.MemoryMB = 256
	f := start(t, function)
	f.invoke(t, event{Do: "echo"})
	f.invoke(t, event{Do: "typed error"})
	var reports []line
	for _, one := range f.log(t) {
		if one.Type == "platform.report" {
			reports = append(reports, one)
		}
	}
	cold, warm := reports[0].Record, reports[1].Record
	if cold.Metrics["initDurationMs"] <= 0 || cold.Metrics["durationMs"] <= 0 || cold.Metrics["memorySizeMB"] != 256 {
		t.Errorf("cold: %+v", cold)
	}
	if billed := cold.Metrics["billedDurationMs"]; billed < cold.Metrics["durationMs"]+cold.Metrics["initDurationMs"] {
		t.Errorf("the start is not billed: %+v", cold)
	}
	if used := cold.Metrics["maxMemoryUsedMB"]; runtime.GOOS == "linux" && (used < 1 || used > 200) {
		t.Errorf("memory: %+v", cold)
	}
	if _, again := warm.Metrics["initDurationMs"]; again || warm.Status != "error" || warm.ErrorType != "PermanentError" {
		t.Errorf("warm: %+v", warm)
	}
}

func TestALogStreamIsNamedAsOnAWS(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap(), func(o *lambda.Options) {
		o.Now = func() time.Time { return time.Date(2026, 2, 26, 23, 0, 0, 0, time.FixedZone("", -3600*2)) }
	})
	stream := f.invoke(t, event{Do: "echo"}).LogStream
	if !regexp.MustCompile(`^2026/02/27/\[\$LATEST\][0-9a-f]{32}$`).MatchString(stream) {
		t.Errorf("stream %q", stream)
	}
}

func TestALongLineIsCut(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap())
	f.invoke(t, event{Do: "print", Text: strings.Repeat("x", 3*logs.MaxEventBytes)})
	lines := f.log(t)
	if got := len(lines[3].Text); got != logs.MaxEventBytes {
		t.Errorf("%d bytes, want %d", got, logs.MaxEventBytes)
	}
	if diff := cmp.Diff([]string{"to stderr", "without an end", "platform.report success"}, summary(lines[4:])); diff != "" {
		t.Error(diff)
	}
}

func TestWhatAProcessSaysBeforeItEndsIsInItsLog(t *testing.T) {
	t.Parallel()
	f := start(t, with(bootstrap(), "INIT", "exit"))
	f.invoke(t, event{})
	want := []string{"platform.initStart", "cannot start", "platform.initReport failure", "platform.start", "platform.report failure"}
	if diff := cmp.Diff(want, summary(f.log(t))); diff != "" {
		t.Error(diff)
	}
}

func TestLogTailIsTheEndOfTheInvocationsLog(t *testing.T) {
	t.Parallel()
	f := start(t, bootstrap())
	for _, size := range []int{1, 10_000} {
		payload, err := json.Marshal(event{Do: "print", Text: strings.Repeat("x", size)})
		if err != nil {
			t.Fatal(err)
		}
		response, err := f.Invoke(t.Context(), lambda.Request{Function: "it", Payload: payload, LogTail: true})
		if err != nil {
			t.Fatal(err)
		}
		tail := response.LogTail
		if len(tail) > 4096 || !strings.Contains(tail, "x\nto stderr\nwithout an end\n{") || !strings.Contains(tail, response.RequestID) {
			t.Errorf("tail of %d bytes: %q", len(tail), tail)
		}
		if size == 1 && !strings.Contains(tail, "platform.start") {
			t.Errorf("%q does not begin with the start", tail)
		}
	}
}
