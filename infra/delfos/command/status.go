package command

import (
	"context"
	"flag"
	"fmt"
	"strings"
	"time"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// showStatus lists the partitions of a range: by default all that should be
// there by now.
func showStatus(ctx context.Context, terminal Terminal, args []string) error {
	var from, to string
	c, _, err := parseAnywhere("status", args, terminal, func(flags *flag.FlagSet) {
		flags.StringVar(&from, "from", "", "first `day`, as YYYY-MM-DD (default the first partition)")
		flags.StringVar(&to, "to", "", "last `day`, inclusive (default yesterday)")
	})
	if err != nil {
		return err
	}
	if _, err := flagDay("status", "from", from, partition.Key{}); err != nil {
		return err
	}
	if _, err := flagDay("status", "to", to, partition.Key{}); err != nil {
		return err
	}
	conn, err := connect(ctx, terminal, c.where)
	if err != nil {
		return err
	}
	p, err := conn.open(ctx, terminal)
	if err != nil {
		return err
	}
	first, last := p.Range()
	first, _ = flagDay("status", "from", from, first)
	last, _ = flagDay("status", "to", to, last)
	if last.Before(first) && from == "" && to == "" {
		return noPartitionYet(terminal, c.json, first)
	}
	if last.Before(first) {
		return &usageError{fmt.Sprintf("status: --to %s is before --from %s", last, first)}
	}
	records, err := conn.status.Partitions(ctx, p.Asset(), first, last)
	if err != nil {
		return err
	}
	days := settled(everyDay(p.Asset(), first, last, records), terminal.Now())
	if c.json {
		return writeJSON(terminal.Stdout, days)
	}
	writeStatus(terminal, days)
	return nil
}

func noPartitionYet(terminal Terminal, asJSON bool, first partition.Key) error {
	if asJSON {
		return writeJSON(terminal.Stdout, []status.Partition{})
	}
	fmt.Fprintf(terminal.Stdout, "no partition is over yet: the first is %s\n", first)
	return nil
}

// everyDay adds the days that have no record: nothing ever happened to them.
func everyDay(asset string, first, last partition.Key, records []status.Partition) []status.Partition {
	byKey := make(map[partition.Key]status.Partition, len(records))
	for _, record := range records {
		byKey[record.Key] = record
	}
	var days []status.Partition
	for _, key := range partition.Days(first, last) {
		day, ok := byKey[key]
		if !ok {
			day = status.Partition{Asset: asset, Key: key, Data: status.DataMissing}
		}
		days = append(days, day)
	}
	return days
}

// settled shows attempts as they stand now: one whose process died has failed.
func settled(days []status.Partition, now time.Time) []status.Partition {
	for i, day := range days {
		days[i].Attempt, days[i].Failure = day.AttemptAt(now)
	}
	return days
}

func partitions(n int) string {
	if n == 1 {
		return "1 partition"
	}
	return fmt.Sprintf("%d partitions", n)
}

func summary(count map[status.DataState]int) string {
	var parts []string
	for _, state := range []status.DataState{status.DataMaterialized, status.DataStale, status.DataWaived, status.DataMissing} {
		if count[state] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", count[state], state))
		}
	}
	return strings.Join(parts, ", ")
}
