package status

import (
	"context"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/shared/partition"
)

// MarkStale records that the source has changed since the materialization of the
// generation was read, and tells whether the partition's data is that
// materialization still, and so stale: where another has been published since,
// nothing changes. The attempt is untouched.
func (s *Store) MarkStale(ctx context.Context, asset string, key partition.Key, generation int64, now time.Time) (stale bool, err error) {
	if err := checkPartition(asset, key); err != nil {
		return false, fmt.Errorf("mark a partition as stale: %w", err)
	}
	current, refused, err := s.writePartition(ctx, asset, key, update{
		set:       "SET #data = :stale, #updated_at = :now",
		condition: "#data = :materialized AND #materialization.#generation = :generation",
		values: item{
			":stale": text(DataStale), ":materialized": text(DataMaterialized), ":generation": number(generation), ":now": instant(now),
		},
	})
	if err != nil {
		return false, fmt.Errorf("mark partition %s of %s as stale: %w", key, asset, err)
	}
	already := current.Data == DataStale && current.Materialization != nil && current.Materialization.Generation == generation
	return !refused || already, nil
}

// maxReason is how many characters a reason may have.
const maxReason = 256

// Waive declares that a day without data is not to be expected, and why, in 1 to
// 256 characters; it gives the record as it is then. The error is a *HasDataError
// where the day has data. A run in flight goes on: what it publishes counts.
func (s *Store) Waive(ctx context.Context, asset string, key partition.Key, reason string, now time.Time) (Partition, error) {
	if err := checkPartition(asset, key); err != nil {
		return Partition{}, fmt.Errorf("waive a partition: %w", err)
	}
	if length := utf8.RuneCountInString(reason); length < 1 || length > maxReason || !utf8.ValidString(reason) {
		return Partition{}, fmt.Errorf("waive partition %s: reason: it has %d characters; want 1 to %d, in UTF-8", key, length, maxReason)
	}
	return s.setWithoutData(ctx, asset, key, "waive", update{
		set:       "SET #data = :waived, #waived_reason = :reason, #updated_at = :now",
		condition: "attribute_not_exists(#data) OR #data IN (:missing, :waived)",
		values: item{
			":waived": text(DataWaived), ":missing": text(DataMissing), ":reason": text(reason), ":now": instant(now),
		},
		returns: types.ReturnValueAllNew,
	})
}

// Unwaive takes a waiver back: the day is missing again. A day that was not waived
// is as it should be where it has no data; where it has, the error is a
// *HasDataError.
func (s *Store) Unwaive(ctx context.Context, asset string, key partition.Key, now time.Time) (Partition, error) {
	if err := checkPartition(asset, key); err != nil {
		return Partition{}, fmt.Errorf("unwaive a partition: %w", err)
	}
	return s.setWithoutData(ctx, asset, key, "unwaive", update{
		set:       "SET #updated_at = :now REMOVE #data, #waived_reason",
		condition: "attribute_not_exists(#data) OR #data IN (:missing, :waived)",
		values:    item{":waived": text(DataWaived), ":missing": text(DataMissing), ":now": instant(now)},
		returns:   types.ReturnValueAllNew,
	})
}

// setWithoutData changes a day that has no data.
func (s *Store) setWithoutData(ctx context.Context, asset string, key partition.Key, what string, u update) (Partition, error) {
	current, refused, err := s.writePartition(ctx, asset, key, u)
	if err != nil {
		return Partition{}, fmt.Errorf("%s partition %s of %s: %w", what, key, asset, err)
	}
	if refused {
		return Partition{}, &HasDataError{Asset: asset, Partition: key, Data: current.Data}
	}
	return current, nil
}
