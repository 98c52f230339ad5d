package partitions

import (
	"delfos/shared/pipeline"
	"delfos/shared/status"
)

// filter is a state with how many days are in it; a click shows just these. It is the
// legend of the calendar as well.
type filter struct {
	Name    string // as in the URL
	State   string // as the site names states
	Letters string // the classes of its sample cell
	Count   int
	On      bool
	URL     string
}

// filters are the states of data and of attempts, with the days of each.
func filters(days []pipeline.Day, v view) (data, attempts []filter) {
	byData, byAttempt := map[string]int{}, map[string]int{}
	for _, day := range days {
		if day.Skipped {
			continue
		}
		byData[string(day.Data)]++
		name := string(day.Attempt)
		if day.Attempt == status.AttemptNone {
			name = attemptNone
		}
		byAttempt[name]++
	}
	for _, name := range dataStates {
		sample, _ := letters(pipeline.Day{Partition: status.Partition{Data: status.DataState(name)}})
		data = append(data, filter{
			Name: name, State: name, Letters: string(sample) + " d", Count: byData[name], On: v.Data == name, URL: v.WithData(name).URL(),
		})
	}
	for _, name := range attemptStates {
		state := status.AttemptState(name)
		if name == attemptNone {
			state = status.AttemptNone
		}
		ground, sample := letters(pipeline.Day{Partition: status.Partition{Data: sampleGround(state), Attempt: state}})
		attempts = append(attempts, filter{
			Name: name, State: name, Letters: string(ground) + " " + string(sample), Count: byAttempt[name], On: v.Attempt == name, URL: v.WithAttempt(name).URL(),
		})
	}
	return data, attempts
}

// sampleGround is the data on which an attempt is mostly seen.
func sampleGround(attempt status.AttemptState) status.DataState {
	if attempt == status.AttemptSucceeded {
		return status.DataMaterialized
	}
	return status.DataMissing
}

// tally counts the days of a selection by how they stand.
type tally struct {
	Missing, Materialized, Stale, Waived int
	Failed, Running                      int
}

func tallyOf(days []pipeline.Day) tally {
	var t tally
	for _, day := range days {
		if day.Skipped {
			continue
		}
		switch day.Data {
		case status.DataMaterialized:
			t.Materialized++
		case status.DataStale:
			t.Stale++
		case status.DataWaived:
			t.Waived++
		case status.DataMissing:
			t.Missing++
		}
		switch day.Attempt {
		case status.AttemptFailed:
			t.Failed++
		case status.AttemptRunning:
			t.Running++
		case status.AttemptNone, status.AttemptQueued, status.AttemptSucceeded, status.AttemptCancelled:
		}
	}
	return t
}
