package status

import (
	"context"
	"errors"
	"fmt"

	"delfos/shared/partition"
)

// Run reads one run's record, as of all writes that were answered before. The
// error is a *RunNotFoundError where it has none.
func (s *Store) Run(ctx context.Context, asset, id string) (Run, error) {
	if asset == "" || id == "" {
		return Run{}, errors.New("read a run: asset and run id: want both")
	}
	found, err := s.get(ctx, s.tables.Runs, runKey(asset, id))
	if err != nil {
		return Run{}, fmt.Errorf("read run %s: %w", id, err)
	}
	if found == nil {
		return Run{}, &RunNotFoundError{Asset: asset, ID: id}
	}
	return toRun(found)
}

// Runs reads an asset's runs, newest first, as of all writes that were answered
// before.
func (s *Store) Runs(ctx context.Context, asset string, page Page) (RunPage, error) {
	if asset == "" {
		return RunPage{}, errors.New("list runs: asset: want a name")
	}
	runs, err := s.runPage(ctx, page, pageOf{table: s.tables.Runs, hash: "asset", value: asset, order: "run_id"})
	if err != nil {
		return RunPage{}, fmt.Errorf("list the runs of %s: %w", asset, err)
	}
	return runs, nil
}

// RunsOf reads a partition's runs, newest first. It reads an index, which on AWS
// may lag behind the writes by some milliseconds (DynamoDB Developer Guide,
// "Global secondary indexes": eventual consistency).
func (s *Store) RunsOf(ctx context.Context, asset string, key partition.Key, page Page) (RunPage, error) {
	if err := checkPartition(asset, key); err != nil {
		return RunPage{}, fmt.Errorf("list the runs of a partition: %w", err)
	}
	runs, err := s.runPage(ctx, page, pageOf{
		table: s.tables.Runs, index: RunsByPartition, hash: "asset_partition", value: assetPartition(asset, key), order: "run_id",
	})
	if err != nil {
		return RunPage{}, fmt.Errorf("list the runs of partition %s of %s: %w", key, asset, err)
	}
	return runs, nil
}

func (s *Store) runPage(ctx context.Context, page Page, of pageOf) (RunPage, error) {
	runs, more, err := readPage(ctx, s, page, of, toRun)
	if err != nil {
		return RunPage{}, err
	}
	answer := RunPage{Runs: runs}
	if more {
		answer.Next = runs[len(runs)-1].ID
	}
	return answer, nil
}
