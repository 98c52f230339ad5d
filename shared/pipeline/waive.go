package pipeline

import (
	"context"
	"errors"
	"fmt"
	"unicode/utf8"

	"delfos/shared/partition"
	"delfos/shared/status"
)

// maxReason is how many characters the reason of a waiver may have.
const maxReason = 256

// Waive declares that no data is to be expected of a day that has none, and says why,
// in 1 to 256 characters. The errors are those of Partition, an *InvalidError of field
// "reason", and a *ConflictError where the day has data.
//
// IAM: dynamodb:UpdateItem on the partitions table.
func (p *Pipeline) Waive(ctx context.Context, who Actor, key partition.Key, reason string) (Day, error) {
	if n := utf8.RuneCountInString(reason); n < 1 || n > maxReason || !utf8.ValidString(reason) {
		return Day{}, &InvalidError{"reason", fmt.Sprintf("it has %d characters; want 1 to %d: why is no data to be expected?", n, maxReason)}
	}
	return p.changeDay(ctx, who, "waive", key, func(ctx context.Context) (status.Partition, error) {
		return p.status.Waive(ctx, p.options.Asset, key, reason, p.now())
	})
}

// Unwaive takes a waiver back: the day is missing again. The errors are those of
// Partition, and a *ConflictError where the day has data.
//
// IAM: as Waive.
func (p *Pipeline) Unwaive(ctx context.Context, who Actor, key partition.Key) (Day, error) {
	return p.changeDay(ctx, who, "unwaive", key, func(ctx context.Context) (status.Partition, error) {
		return p.status.Unwaive(ctx, p.options.Asset, key, p.now())
	})
}

func (p *Pipeline) changeDay(ctx context.Context, who Actor, action string, key partition.Key, change func(context.Context) (status.Partition, error)) (Day, error) {
	ctx, cancel := acting(ctx, actWithin)
	defer cancel()
	var record status.Partition
	err := p.checkDay(key, p.now())
	if err == nil {
		record, err = change(ctx)
	}
	if has, data := errors.AsType[*status.HasDataError](err); data {
		err = &ConflictError{fmt.Sprintf("%s has data (%s)", key, has.Data), "only a day without data can be waived; to replace the data, run it again", has}
	}
	err = explain(theStatus, err)
	p.audit(ctx, who, action, key.String(), Started{}, err)
	return Day{Partition: settled(record, p.now())}, err
}
