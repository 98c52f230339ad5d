// Package status records what is known of every partition and every run, and
// moves partitions from state to state in DynamoDB.
//
// Each transition is one conditional write of one item; README.md draws them.
// A lease keeps two runs from doing the same work at once, but clocks differ and
// processes pause: what keeps an old run from publishing over a newer one is the
// generation, which the target database checks too.
package status
