package status

import (
	"context"
	"errors"
	"fmt"
)

// Backfill reads one backfill's record, as of all writes that were answered before.
// The error is a *BackfillNotFoundError where it has none.
func (s *Store) Backfill(ctx context.Context, asset, id string) (Backfill, error) {
	if asset == "" || id == "" {
		return Backfill{}, errors.New("read a backfill: asset and backfill id: want both")
	}
	found, err := s.get(ctx, s.tables.Backfills, backfillKey(asset, id))
	if err != nil {
		return Backfill{}, fmt.Errorf("read backfill %s: %w", id, err)
	}
	if found == nil {
		return Backfill{}, &BackfillNotFoundError{Asset: asset, ID: id}
	}
	return toBackfill(found)
}

// Backfills lists an asset's backfills, newest first. It reads an index, which on
// AWS may lag behind the writes by some milliseconds (DynamoDB Developer Guide,
// "Global secondary indexes": eventual consistency).
func (s *Store) Backfills(ctx context.Context, asset string, page Page) (BackfillPage, error) {
	if asset == "" {
		return BackfillPage{}, errors.New("list backfills: asset: want a name")
	}
	backfills, more, err := readPage(ctx, s, page, pageOf{
		table: s.tables.Backfills, index: BackfillsByStart, hash: "asset", value: asset, order: "start_key",
	}, toBackfill)
	if err != nil {
		return BackfillPage{}, fmt.Errorf("list the backfills of %s: %w", asset, err)
	}
	answer := BackfillPage{Backfills: backfills}
	if more {
		answer.Next = backfills[len(backfills)-1].startKey()
	}
	return answer, nil
}
