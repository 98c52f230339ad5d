package stepfunctions

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"unicode/utf8"

	"delfos/infra/local/stepfunctions/asl"
	"delfos/infra/local/stepfunctions/engine"
	"delfos/infra/local/stepfunctions/history"
)

const maxLabelRunes = 40 // Developer Guide, "Map state in Distributed mode", "Label"

// label is a Distributed Map's label: its own, or one made of its name.
func label(st *asl.State) string {
	if st.Label != "" {
		return st.Label
	}
	made := strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t\n\r<>{}[]?*\"#%\\^|~`$&,;:/", r) || isControl(r) {
			return '-'
		}
		return r
	}, st.Name)
	for utf8.RuneCountInString(made) > maxLabelRunes {
		_, size := utf8.DecodeLastRuneInString(made)
		made = made[:len(made)-size]
	}
	return made
}

// startChild starts or redrives one child. The tree's mu is held, and let go of
// while the child's input is made or its history read.
func (d *dispatch) startChild(ctx context.Context, index int) error {
	t := d.host.tree
	number := d.numbers[index]
	var execution engine.Execution
	var err error
	if number != 0 {
		offsets := slices.Clone(t.index.Executions[number].Offsets)
		t.mu.Unlock()
		execution, err = t.resumption(offsets)
		t.mu.Lock()
	} else {
		t.mu.Unlock()
		execution.Input, err = d.spec.Input(index)
		t.mu.Lock()
	}
	if err != nil {
		return err
	}
	if d.host.ended() || ctx.Err() != nil {
		return errStopped
	}
	execution.Machine = d.spec.State.Processor
	if number == 0 {
		number, err = d.enroll(index, execution.Input)
	} else {
		execution.Previous, err = t.redriven(number)
		delete(d.pending, number)
	}
	if err != nil {
		return err
	}
	x := t.index.Executions[number]
	if execution.Context, err = t.contextOf(x, execution.Input); err != nil {
		return err
	}
	d.running++
	job{
		host: host{d.host.live, number}, ctx: ctx, run: execution,
		onEnding: func() { d.childEnded(x) },
	}.start()
	return nil
}

// enroll records a new child's start.
func (d *dispatch) enroll(index int, input json.RawMessage) (int, error) {
	t := d.host.tree
	number := len(t.index.Executions)
	at := t.service.now()
	err := t.append(history.Record{
		Execution: &history.Execution{
			Number: number, MapRun: d.run.Number, Index: index, Items: d.spec.Sizes[index], Status: history.Running, Start: at,
		},
		Of:    number,
		Event: &history.Event{ID: 1, At: at, Type: history.ExecutionStarted, Input: input, Role: t.index.Header.Role},
	})
	d.numbers[index] = number
	return number, err
}

// childEnded is called with the tree's mu held.
func (d *dispatch) childEnded(x *history.Execution) {
	d.running--
	if x.Status != history.Success && x.Status != history.Running {
		d.failed += x.Items
	}
	d.judge()
}

// resumption is what a redrive goes on with: input and progress.
func (t *tree) resumption(offsets []int64) (engine.Execution, error) {
	execution := engine.Execution{Progress: history.Progress{}}
	err := t.events(offsets, func(event *history.Event) {
		if event.Type == history.ExecutionStarted {
			execution.Input = event.Input
		}
		execution.Progress.Apply(event)
	})
	return execution, err
}

// redriven records that an execution is redriven, and gives the event's id. t.mu is held.
func (t *tree) redriven(number int) (int64, error) {
	x := t.index.Executions[number]
	record := t.next(number, history.Event{
		Type: history.ExecutionRedriven, RedriveCount: x.RedriveCount + 1, Previous: int64(len(x.Offsets)),
	}, 0)
	return record.Event.ID, t.append(record)
}
