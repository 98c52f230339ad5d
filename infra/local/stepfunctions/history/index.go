package history

import "fmt"

// Index is what is known of a log without reading its events again. It is written
// to the log where its top-level execution ends.
type Index struct {
	Header     *Header      `json:"header"`
	Executions []*Execution `json:"executions"` // by number
	MapRuns    []*MapRun    `json:"map_runs"`   // by number, less one
}

// Top is the top-level execution.
func (x *Index) Top() *Execution { return x.Executions[0] }

// Apply takes a record in that is at the offset.
func (x *Index) Apply(record Record, offset int64) error {
	if record.Index != nil {
		*x = *record.Index
		return nil
	}
	if record.Header != nil {
		x.Header = record.Header
		x.Executions = []*Execution{{Status: Running}}
	}
	if record.Execution != nil {
		if record.Execution.Number != len(x.Executions) {
			return fmt.Errorf("execution number %d follows %d", record.Execution.Number, len(x.Executions)-1)
		}
		if run := record.Execution.MapRun; run < 1 || run > len(x.MapRuns) {
			return fmt.Errorf("a child of Map Run number %d, of which there is none", run)
		}
		x.Executions = append(x.Executions, record.Execution)
	}
	if record.MapRun != nil {
		if err := x.applyMapRun(record.MapRun); err != nil {
			return err
		}
	}
	if record.Event == nil {
		return nil
	}
	if record.Of < 0 || record.Of >= len(x.Executions) {
		return fmt.Errorf("an event of execution number %d, of which there is none", record.Of)
	}
	return x.Executions[record.Of].apply(record.Event, offset)
}

func (x *Index) applyMapRun(run *MapRun) error {
	switch number := run.Number; {
	case run.Parent < 0 || run.Parent >= len(x.Executions):
		return fmt.Errorf("a Map Run of execution number %d, of which there is none", run.Parent)
	case number == len(x.MapRuns)+1:
		x.MapRuns = append(x.MapRuns, run)
	case number >= 1 && number <= len(x.MapRuns):
		*x.MapRuns[number-1] = *run
	default:
		return fmt.Errorf("number %d of a Map Run follows %d", number, len(x.MapRuns))
	}
	return nil
}

func (e *Execution) apply(event *Event, offset int64) error {
	if event.ID != int64(len(e.Offsets))+1 {
		return fmt.Errorf("event %d follows event %d of execution number %d", event.ID, len(e.Offsets), e.Number)
	}
	if event.Type == "" {
		return fmt.Errorf("event %d of execution number %d has no type", event.ID, e.Number)
	}
	e.Offsets = append(e.Offsets, offset)
	end := func(status Status) { e.Status, e.Stop = status, event.At }
	switch event.Type {
	case ExecutionStarted:
		e.Start = event.At
	case ExecutionSucceeded:
		end(Success)
	case ExecutionFailed:
		end(Failure)
	case ExecutionTimedOut:
		end(TimedOut)
	case ExecutionAborted:
		end(Abortion)
	case ExecutionRedriven:
		e.Status, e.Stop = Running, 0
		e.RedriveCount, e.RedriveDate = event.RedriveCount, event.At
	default:
	}
	return nil
}
