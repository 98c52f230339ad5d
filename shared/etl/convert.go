package etl

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"delfos/shared/partition"
	"delfos/shared/source"
	"delfos/shared/status"
	"delfos/shared/target"
	"delfos/shared/timeseries"
)

// convert gives any error of a run the type that is the contract with the state
// machine, and the partition to whom reads it.
func convert(partitionKey partition.Key, err error) Error {
	if known, ok := errors.AsType[Error](err); ok {
		return known
	}
	f := failure{message: fmt.Sprintf("partition %s: %v", partitionKey, err), cause: err}
	for _, match := range []func(error, failure) Error{ofStatus, ofSource, ofTarget} {
		if converted := match(err, f); converted != nil {
			return converted
		}
	}
	if errors.Is(err, context.DeadlineExceeded) {
		f.message += "; the function's timeout is too short for this day, or something it waits for is slow: run it again"
		return &OutOfTime{f}
	}
	return &InternalFailure{f}
}

func ofStatus(err error, f failure) Error {
	var busy *status.BusyError
	var lost *status.LeaseLostError
	var unavailable *status.UnavailableError
	switch {
	case errors.As(err, &busy):
		return &PartitionBusy{failure{busy.Error() + "; it is run again when that run has ended", err}}
	case errors.As(err, &lost) && lost.Reason == status.LostCancelled:
		return &Cancelled{failure{lost.Error() + "; nothing was published by it", err}}
	case errors.As(err, &lost):
		return &LeaseLost{failure{lost.Error() + "; nothing was published by it", err}}
	case errors.As(err, &unavailable):
		return &StatusUnavailable{f}
	}
	return nil
}

func ofSource(err error, f failure) Error {
	var unavailable *source.UnavailableError
	var changed *source.ChangedError
	var unauthorized *source.UnauthorizedError
	var rejected *source.RejectedError
	var invalid *source.InvalidDataError
	var sample *timeseries.SampleError
	switch {
	case errors.As(err, &unavailable):
		return &SourceUnavailable{f}
	case errors.As(err, &changed):
		return &SourceChanged{f}
	case errors.As(err, &unauthorized), errors.As(err, &rejected):
		return &SourceRejected{f}
	case errors.As(err, &invalid), errors.As(err, &sample):
		return &InvalidSourceData{f}
	}
	return nil
}

func ofTarget(err error, f failure) Error {
	var unavailable *target.UnavailableError
	var superseded *target.SupersededError
	switch {
	case errors.As(err, &unavailable):
		return &TargetUnavailable{f}
	case errors.As(err, &superseded):
		return &Superseded{f}
	}
	return nil
}

// typeName is the Go type's name: the Lambda error type.
func typeName(err Error) string { return reflect.TypeOf(err).Elem().Name() }
