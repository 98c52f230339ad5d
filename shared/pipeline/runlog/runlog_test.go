package runlog_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/shared/pipeline/runlog"
)

var came = time.Date(2026, 2, 27, 1, 0, 0, 0, time.UTC)

func TestALineSaysWhatItIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		text string
		want runlog.Line
	}{
		"a record of the logger": {
			`{"timestamp":"2026-02-27T01:00:00.5Z","level":"INFO","message":"published","rows_written":1152,"kept":{"a":[1]},"run_id":"01J"}`,
			runlog.Line{
				At: came.Add(500 * time.Millisecond), Kind: runlog.Application, Level: "INFO", Message: "published",
				Fields: []runlog.Field{{"kept", `{"a":[1]}`}, {"rows_written", "1152"}, {"run_id", "01J"}},
			},
		},
		"a report of Lambda": {
			`{"time":"2026-02-27T01:00:01.000Z","type":"platform.report","record":{"requestId":"r","metrics":{"durationMs":12.5}}}` + "\n",
			runlog.Line{At: came, Kind: runlog.Platform, Message: "platform.report", Fields: []runlog.Field{{"durationMs", "12.5"}, {"requestId", "r"}}},
		},
		"a panic":            {"panic: no", runlog.Line{At: came, Kind: runlog.Text, Message: "panic: no"}},
		"some other JSON":    {`{"level":"INFO"}`, runlog.Line{At: came, Kind: runlog.Text, Message: `{"level":"INFO"}`}},
		"a broken timestamp": {`{"timestamp":"soon","level":"WARN","message":"m"}`, runlog.Line{At: came, Kind: runlog.Application, Level: "WARN", Message: "m"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			line := runlog.Parse(test.text, came)
			test.want.Raw = line.Raw
			if diff := cmp.Diff(test.want, line); diff != "" {
				t.Errorf("(-wanted +read):\n%s", diff)
			}
		})
	}
}

func stream(texts ...string) []runlog.Line {
	lines := make([]runlog.Line, len(texts))
	for i, text := range texts {
		lines[i] = runlog.Parse(text, came)
	}
	return lines
}

const (
	startA  = `{"type":"platform.start","record":{"requestId":"a"}}`
	startB  = `{"type":"platform.start","record":{"requestId":"b"}}`
	reportA = `{"type":"platform.report","record":{"requestId":"a"}}`
	reportB = `{"type":"platform.report","record":{"requestId":"b"}}`
)

func TestAPartIsWhatOneInvocationLogged(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		stream []string
		want   string
		over   bool
	}{
		"between others":       {[]string{startB, "1", reportB, startA, "2", reportA, startB, "3"}, "2", true},
		"that has not ended":   {[]string{startA, "1", "2"}, "12", false},
		"that died":            {[]string{startA, "1", startB, "2", reportB}, "1", true},
		"that is not in it":    {[]string{startB, "1", reportB}, "", false},
		"before its own start": {[]string{"1", startA, "2"}, "2", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for cut := range test.stream { // wherever the page ends
				part := runlog.Part{Request: "a"}
				taken := part.Take(stream(test.stream[:cut]...))
				taken = append(taken, part.Take(stream(test.stream[cut:]...))...)
				have := ""
				for _, line := range taken {
					if line.Kind == runlog.Text {
						have += line.Message
					}
				}
				if have != test.want || part.Over != test.over {
					t.Errorf("cut at %d: %q, over %v; want %q, %v", cut, have, part.Over, test.want, test.over)
				}
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`{"timestamp":"2026-02-27T01:00:00Z","level":"INFO","message":"published"}`)
	f.Add(startA)
	f.Add("panic: no\n")
	f.Fuzz(func(t *testing.T, text string) {
		line := runlog.Parse(text, came)
		if line.Kind == "" || (line.Kind == runlog.Text && line.Message != line.Raw) {
			t.Errorf("%q is read as %+v", text, line)
		}
		part := runlog.Part{Request: "a", Inside: true}
		part.Take([]runlog.Line{line})
	})
}
