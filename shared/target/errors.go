package target

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"delfos/shared/partition"
)

// UnavailableError says that the database did not do its part, and that a later
// attempt may succeed. Nothing was published, unless the message says otherwise.
type UnavailableError struct {
	Operation string
	Cause     error
	Unknown   bool // whether the day was published could not be found out
}

// Error says what failed and why.
func (e *UnavailableError) Error() string {
	if hasCode(e.Cause, lockNotAvailable) {
		return fmt.Sprintf("%s: another session holds the partition's lock in the target; run it again later", e.Operation)
	}
	if errors.Is(e.Cause, errLeaseOver) {
		return fmt.Sprintf("%s: %v; the target stays as it was; run it again", e.Operation, e.Cause)
	}
	return fmt.Sprintf("%s: the target database is unavailable (is it running?): %v", e.Operation, e.Cause)
}

// Unwrap gives the cause.
func (e *UnavailableError) Unwrap() error { return e.Cause }

// Waking tells a database that is on its way up, and refuses connections until then.
func (e *UnavailableError) Waking() bool { return hasCode(e.Cause, cannotConnectNow) }

// SupersededError says that the target holds the day of a later generation, or of
// another run of the same one.
type SupersededError struct {
	Partition    partition.Key
	Generation   int64  // that was to be published
	Current      int64  // that is published
	CurrentRunID string // which run published it
}

// Error names both generations.
func (e *SupersededError) Error() string {
	return fmt.Sprintf("partition %s: generation %d was not published, because the target holds generation %d of run %s; run it again for a later one",
		e.Partition, e.Generation, e.Current, e.CurrentRunID)
}

var errLeaseOver = errors.New("the run's lease on the partition is over")

const (
	cannotConnectNow = "57P03"
	lockNotAvailable = "55P03"
	notNullViolation = "23502"
)

// passing are the classes of SQLSTATE (PostgreSQL manual, appendix A) whose cause
// passes by itself: connection, transaction rollback, resources, a lock, operator
// intervention (a shutdown, a statement's timeout), idle-in-transaction timeout,
// system error.
var passing = []string{"08", "40", "53", "55P03", "57", "25P03", "58"}

// classify makes an *UnavailableError of what passes by itself. An error without
// a SQLSTATE comes from the connection.
func classify(operation string, err error) error {
	if err == nil {
		return nil
	}
	var pg *pgconn.PgError
	if !errors.As(err, &pg) {
		if errors.Is(err, context.Canceled) {
			return fmt.Errorf("%s: %w", operation, err)
		}
		return &UnavailableError{Operation: operation, Cause: err}
	}
	for _, class := range passing {
		if strings.HasPrefix(pg.Code, class) {
			return &UnavailableError{Operation: operation, Cause: err}
		}
	}
	return fmt.Errorf("%s: %w", operation, err)
}

func leaseOver(operation string) error {
	return &UnavailableError{Operation: operation, Cause: errLeaseOver}
}

func hasCode(err error, code string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code
}
