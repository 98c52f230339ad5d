package report

// PartitionsFailed says that not all partitions of a backfill came to a good end;
// the others did. To redrive the execution runs just these. Its name is the Lambda
// error type, and so the execution's error.
type PartitionsFailed struct {
	message string
	Report  Report
}

// Error is a sentence for a person, and in the next line the report as JSON, its
// lists shortened; in all less than 30,000 bytes even when it is quoted, for Step
// Functions cuts a cause at 32,768 characters (Step Functions API Reference,
// HistoryEvent details).
func (e *PartitionsFailed) Error() string { return e.message }

func partitionsFailed(r Report, verdicts []verdict) (*PartitionsFailed, error) {
	text, err := r.short()
	if err != nil {
		return nil, err
	}
	return &PartitionsFailed{message: sentence(r, verdicts) + "\n" + text, Report: r}, nil
}
