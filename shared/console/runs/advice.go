package runs

// advice says what to do about a failure, by its type; "" where the message says it all.
func advice(failure string) string {
	return map[string]string{
		"SourceUnavailable":   "The source API did not answer. Look at its health on the overview; once it is up, rerun the day.",
		"SourceChanged":       "The day's samples changed while they were read. Rerun the day; if it happens again, something writes to it without end.",
		"TargetUnavailable":   "The target database did not take the rows. Look at its health on the overview; once it is up, rerun the day.",
		"StatusUnavailable":   "The status table did not answer. It passes by itself; rerun the day in a moment.",
		"OutOfTime":           "The run had too little time. Rerun the day; if it happens again, the function needs more time or memory, or the source is slow.",
		"LeaseLost":           "Another run took the day, or this one stood still for too long. See the day's other runs before you rerun it.",
		"LeaseExpired":        "The run died, or was cut off, without a word. Its log may say more; rerun the day.",
		"Cancelled":           "Somebody cancelled the run. Rerun the day if it is wanted after all.",
		"BackfillStopped":     "Its backfill was cancelled. Redrive the backfill, or rerun just this day.",
		"Superseded":          "A later run has published the day, so that this one is not needed.",
		"PartitionBusy":       "Another run holds the day. Wait for it to end; then see whether anything is left to do.",
		"InvalidEvent":        "What the function was called with is no event of this pipeline. See what called it.",
		"PartitionOutOfRange": "The day is before the first partition, or is not over yet. Choose another day, or wait.",
		"EmptyPartition":      "The source has no sample of the day. Once it has some, rerun the day; if there will never be any, waive it on the day's page, or rerun it and allow it to be empty.",
		"InvalidSourceData":   "What the source API sent breaks its contract. To try again does not help: its log and the day's samples have to be looked at.",
		"SourceRejected":      "The source API refused the request or the token. Check the token's secret and the API's address.",
		"InternalFailure":     "The function failed in a way that it does not know. Its log says more.",
	}[failure]
}
