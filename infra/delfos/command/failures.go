package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// failedDay is a partition whose run in a backfill failed.
type failedDay struct {
	Partition partition.Key `json:"partition"`
	Type      string        `json:"type"`
	Message   string        `json:"message,omitempty"`

	at time.Time
}

// failuresOf finds the partitions whose last attempt was the backfill's and has
// failed, oldest day first.
func (c connection) failuresOf(ctx context.Context, f follower, now time.Time) ([]failedDay, error) {
	records, err := c.status.Partitions(ctx, f.asset, f.from, f.to)
	if err != nil {
		return nil, err
	}
	var failures []failedDay
	for _, record := range records {
		attempt, failure := record.AttemptAt(now)
		if record.BackfillID != f.name || attempt != status.AttemptFailed || failure == nil {
			continue
		}
		failures = append(failures, failedDay{record.Key, failure.Type, failure.Message, record.UpdatedAt})
	}
	return failures, nil
}

// writeFailures names the days that failed, those of one type together.
func writeFailures(terminal Terminal, failures []failedDay) {
	byType := map[string][]partition.Key{}
	message := map[string]string{}
	for _, failure := range failures {
		byType[failure.Type] = append(byType[failure.Type], failure.Partition)
		if message[failure.Type] == "" {
			message[failure.Type] = failure.Message // the oldest day's
		}
	}
	for _, name := range sortedKeys(byType) {
		fmt.Fprintf(terminal.Stdout, "  %s: %s\n", paint(terminal.Colour, cell{name, red}), rangeList(byType[name]))
		if message[name] != "" {
			fmt.Fprintf(terminal.Stdout, "    %s\n", paint(terminal.Colour, cell{cutTo(oneLine(errors.New(inFlags(message[name]))), 200), faint}))
		}
	}
}
