package etl

// Kind is what a caller does about an error.
type Kind string

// The three kinds of errors; the state machine retries by them.
const (
	Transient Kind = "transient" // passes by itself: run it again, soon
	Busy      Kind = "busy"      // another run holds the partition: run it again, later
	Permanent Kind = "permanent" // running it again gives the same error
)

// Error is what a run ends with. The Go type's name is the Lambda error type
// (Lambda Developer Guide, "Error handling with Go"), so it is a contract: the
// state machine's Retry and Catch name these types.
type Error interface {
	error
	Kind() Kind
	Unwrap() error
}

// failure is what all the errors hold: a sentence for a person, and the cause.
type failure struct {
	message string
	cause   error
}

func (f *failure) Error() string { return f.message }
func (f *failure) Unwrap() error { return f.cause }

// SourceUnavailable says that the source API did not answer, or not in time.
type SourceUnavailable struct{ failure }

// SourceChanged says that the day's samples changed while they were read.
type SourceChanged struct{ failure }

// TargetUnavailable says that the target database did not take the rows; it
// holds the old day or, where the message says so, the new one.
type TargetUnavailable struct{ failure }

// StatusUnavailable says that the partition's status could not be read or
// written.
type StatusUnavailable struct{ failure }

// OutOfTime says that the function's time was too short for the run.
type OutOfTime struct{ failure }

// LeaseLost says that the run's lease ran out, or was taken by another run, before
// the run could publish.
type LeaseLost struct{ failure }

// Cancelled says that somebody cancelled the run before it could publish.
type Cancelled struct{ failure }

// BackfillStopped says that the backfill that asked for the run has been stopped:
// the run has cancelled itself before it read anything.
type BackfillStopped struct{ failure }

// Superseded says that the target holds a later generation of the day.
type Superseded struct{ failure }

// PartitionBusy says that another run holds the partition.
type PartitionBusy struct{ failure }

// InvalidEvent says that the event asks for nothing that can be run.
type InvalidEvent struct{ failure }

// PartitionOutOfRange says that the day is before the first partition, or not
// yet over.
type PartitionOutOfRange struct{ failure }

// EmptyPartition says that the source has no sample of the day.
type EmptyPartition struct{ failure }

// InvalidSourceData says that what the source API sent breaks its contract.
type InvalidSourceData struct{ failure }

// SourceRejected says that the source API refused the request, or the token.
type SourceRejected struct{ failure }

// InternalFailure says that something failed that no other type names.
type InternalFailure struct{ failure }

// Kind is Transient.
func (*SourceUnavailable) Kind() Kind { return Transient }

// Kind is Transient.
func (*SourceChanged) Kind() Kind { return Transient }

// Kind is Transient.
func (*TargetUnavailable) Kind() Kind { return Transient }

// Kind is Transient.
func (*StatusUnavailable) Kind() Kind { return Transient }

// Kind is Transient.
func (*OutOfTime) Kind() Kind { return Transient }

// Kind is Transient: where another run holds the partition, the next try is told.
func (*LeaseLost) Kind() Kind { return Transient }

// Kind is Permanent: to try again would undo what somebody meant.
func (*Cancelled) Kind() Kind { return Permanent }

// Kind is Transient: nobody retries for an execution that was stopped, and one that
// was redriven is no longer stopped in some seconds.
func (*BackfillStopped) Kind() Kind { return Transient }

// Kind is Transient: the next claim is of a generation beyond the target's.
func (*Superseded) Kind() Kind { return Transient }

// Kind is Busy.
func (*PartitionBusy) Kind() Kind { return Busy }

// Kind is Permanent.
func (*InvalidEvent) Kind() Kind { return Permanent }

// Kind is Permanent.
func (*PartitionOutOfRange) Kind() Kind { return Permanent }

// Kind is Permanent.
func (*EmptyPartition) Kind() Kind { return Permanent }

// Kind is Permanent.
func (*InvalidSourceData) Kind() Kind { return Permanent }

// Kind is Permanent.
func (*SourceRejected) Kind() Kind { return Permanent }

// Kind is Permanent.
func (*InternalFailure) Kind() Kind { return Permanent }
