package history

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func ignore(Record, int64) error { return nil }

func event(id int64, kind Type) Record {
	return Record{Event: &Event{ID: id, Type: kind, At: id * 1000}}
}

// written makes a log of a top-level execution with three events.
func written(t *testing.T) (path string, offsets []int64) {
	t.Helper()
	path = filepath.Join(t.TempDir(), "log")
	log, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	first := event(1, ExecutionStarted)
	first.Header = &Header{Name: "e"}
	if offsets, err = log.Append(first, event(2, "PassStateEntered")); err != nil {
		t.Fatal(err)
	}
	more, err := log.Append(event(3, ExecutionFailed))
	if err != nil {
		t.Fatal(err)
	}
	if err := log.Release(); err != nil {
		t.Fatal(err)
	}
	return path, append(offsets, more...)
}

func TestAnIndexIsWhatTheRecordsSay(t *testing.T) {
	t.Parallel()
	path, offsets := written(t)
	var index Index
	log, err := Open(path, 0, index.Apply)
	if err != nil {
		t.Fatal(err)
	}
	want := []*Execution{{Status: Failure, Start: 1000, Stop: 3000, Offsets: offsets}}
	if diff := cmp.Diff(want, index.Executions); diff != "" {
		t.Error(diff)
	}
	at := log.Size()
	if _, err := log.Append(Record{Index: &index}); err != nil {
		t.Fatal(err)
	}
	if _, err := log.Append(Record{Event: &Event{ID: 4, Type: ExecutionRedriven, At: 4000, RedriveCount: 1}}); err != nil {
		t.Fatal(err)
	}
	var again Index
	if _, err := Open(path, at, again.Apply); err != nil {
		t.Fatal(err)
	}
	if top := again.Top(); top.Status != Running || top.RedriveCount != 1 || len(top.Offsets) != 4 || again.Header.Name != "e" {
		t.Errorf("%+v", top)
	}
}

func TestATornLastRecordIsCutOff(t *testing.T) {
	t.Parallel()
	path, offsets := written(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for cut := range whole {
		if err := os.WriteFile(path, whole[:cut], 0o600); err != nil {
			t.Fatal(err)
		}
		records := 0
		log, err := Open(path, 0, func(Record, int64) error { records++; return nil })
		if err != nil {
			t.Fatalf("cut at %d: %v", cut, err)
		}
		want := 0
		for _, end := range append(offsets[1:3:3], int64(len(whole))) {
			if int64(cut) >= end {
				want++
			}
		}
		if records != want {
			t.Errorf("cut at %d: %d records, not %d", cut, records, want)
		}
		if _, err := log.Append(event(9, ExecutionAborted)); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, 0, ignore); err != nil {
			t.Errorf("appended after the cut at %d: %v", cut, err)
		}
		log.Release()
	}
}

func TestDamageIsToldWithFileAndByte(t *testing.T) {
	t.Parallel()
	path, offsets := written(t)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	whole[offsets[1]+20] ^= 1
	if err := os.WriteFile(path, whole, 0o600); err != nil {
		t.Fatal(err)
	}
	_, err = Open(path, 0, ignore)
	var damage *DamageError
	if !errors.As(err, &damage) || damage.Path != path || damage.Offset != offsets[1] {
		t.Errorf("%v", err)
	}
	reader, err := NewReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if _, err := reader.Event(offsets[1]); !errors.As(err, &damage) {
		t.Errorf("%v", err)
	}
}

func TestEventsAreReadInAnyOrder(t *testing.T) {
	t.Parallel()
	path, offsets := written(t)
	reader, err := NewReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	for _, i := range []int{0, 1, 2, 0, 2, 1, 1} {
		read, err := reader.Event(offsets[i])
		if err != nil || read.ID != int64(i+1) {
			t.Errorf("event %d: %+v %v", i+1, read, err)
		}
	}
}

func TestManyLogsAreOpenAtOnceWithFewFiles(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	logs := make([]*Log, 2*maxOpen)
	kept := 0
	for i := range logs {
		var err error
		if logs[i], err = Create(filepath.Join(dir, fmt.Sprint(i))); err != nil {
			t.Fatal(err)
		}
		if logs[i].file != nil {
			kept++
		}
		if _, err := logs[i].Append(event(1, ExecutionStarted)); err != nil {
			t.Fatal(err)
		}
	}
	if kept > maxOpen {
		t.Errorf("%d files are open", kept)
	}
	for _, log := range logs {
		log.Release()
	}
}

func TestAnEventHasTheDetailsOfItsType(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		event Event
		want  string
	}{
		{Event{ID: 2, Type: "TaskStateEntered", Name: "T", Input: []byte(`{}`)}, `"stateEnteredEventDetails":{"input":"{}","inputDetails":{"truncated":false},"name":"T"}`},
		{Event{ID: 2, Type: "MapStateStarted"}, `"mapStateStartedEventDetails":{"length":0}`},
		{Event{ID: 2, Type: "ParallelStateStarted"}, ``},
		{Event{ID: 2, Type: "MapStateFailed", Error: "internal"}, ``},
		{Event{ID: 2, Type: "WaitStateAborted"}, ``},
		{Event{ID: 2, Type: MapRunSucceeded}, ``},
		{Event{ID: 2, Type: LambdaStarted}, ``},
		{Event{ID: 2, Type: LambdaFailed, Error: "E"}, `"lambdaFunctionFailedEventDetails":{"error":"E"}`},
		{Event{ID: 2, Type: ExecutionFailed}, `"executionFailedEventDetails":{}`},
		{Event{ID: 2, Type: MapIterationStarted, Name: "M"}, `"mapIterationStartedEventDetails":{"index":0,"name":"M"}`},
		{Event{ID: 2, Type: MapRunRedriven, MapRun: "arn", RedriveCount: 2}, `"mapRunRedrivenEventDetails":{"mapRunArn":"arn","redriveCount":2}`},
	} {
		got, err := json.Marshal(test.event.Document(true))
		if err != nil {
			t.Fatal(err)
		}
		want := fmt.Sprintf(`{"id":2,"previousEventId":0,%s,"timestamp":0,"type":%q}`, test.want, test.event.Type)
		if test.want == "" {
			want = fmt.Sprintf(`{"id":2,"previousEventId":0,"timestamp":0,"type":%q}`, test.event.Type)
		}
		var x, y any
		if json.Unmarshal(got, &x) != nil || json.Unmarshal([]byte(want), &y) != nil || !cmp.Equal(x, y) {
			t.Errorf("want %s\ngot  %s", want, got)
		}
	}
}

// FuzzOpen opens anything: it is read or refused.
func FuzzOpen(f *testing.F) {
	f.Add([]byte("0123abcd {}\n"))
	f.Add([]byte("00000000 {\"e\":{\"id\":1}}\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "log")
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
		var index Index
		if log, err := Open(path, 0, index.Apply); err == nil {
			log.Release()
		}
	})
}

// FuzzApply takes any record in: none is followed beyond what is there.
func FuzzApply(f *testing.F) {
	f.Add([]byte(`{"header":{"name":"e"},"e":{"id":1,"t":"ExecutionStarted"}}`))
	f.Add([]byte(`{"header":{},"e":{"id":1}}`))
	f.Add([]byte(`{"map_run":{"m":1,"x":0}}`))
	f.Add([]byte(`{"execution":{"x":1,"m":1},"x":1,"e":{"id":1,"t":"MapIterationFailed"}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var record Record
		if json.Unmarshal(text, &record) != nil || record.Index != nil {
			return
		}
		index := Index{}
		progress := Progress{}
		for range 2 {
			if index.Apply(record, 7) == nil && record.Event != nil {
				progress.Apply(record.Event)
				progress.Open()
				record.Event.Document(true)
			}
		}
		for _, x := range index.Executions {
			if x.MapRun > len(index.MapRuns) {
				t.Errorf("execution %+v", x)
			}
		}
	})
}
