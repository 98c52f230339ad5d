package report_test

import (
	"fmt"

	"delfos/shared/backfill/report"
)

func ExampleReadCause() {
	// As DescribeExecution tells it.
	const cause = `{"errorMessage":"2 of 9 partitions failed: 2026-02-21 to 2026-02-22 EmptyPartition.` +
		`\n{\"counts\":{\"planned\":9,\"materialized\":7,\"failed\":2},\"failed\":[\"2026-02-21/2026-02-22\"]}","errorType":"PartitionsFailed"}`
	message, found := report.ReadCause(cause)
	fmt.Println(message)
	fmt.Println(found.Counts.Materialized, "of", found.Counts.Planned, "materialized; failed:", found.Failed)
	// Output:
	// 2 of 9 partitions failed: 2026-02-21 to 2026-02-22 EmptyPartition.
	// 7 of 9 materialized; failed: [2026-02-21 2026-02-22]
}
