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
}

// Error says what failed and why.
func (e *UnavailableError) Error() string {
	var pg *pgconn.PgError
	if errors.As(e.Cause, &pg) && pg.Code == lockNotAvailable {
		return fmt.Sprintf("%s: another session holds the partition's lock in the target; run it again later", e.Operation)
	}
	return fmt.Sprintf("%s: the target database is unavailable (is it running?): %v", e.Operation, e.Cause)
}

// Unwrap gives the cause.
func (e *UnavailableError) Unwrap() error { return e.Cause }

// SupersededError says that the target holds the day of a later generation, or of
// another run of the same one.
type SupersededError struct {
	Partition  partition.Key
	Generation int64 // that was to be published
	Current    int64 // that is published
}

// Error names both generations.
func (e *SupersededError) Error() string {
	return fmt.Sprintf("generation %d was not published: the target holds generation %d; run it again for a later one", e.Generation, e.Current)
}

const (
	lockNotAvailable    = "55P03"
	foreignKeyViolation = "23503"
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
		return &UnavailableError{operation, err}
	}
	for _, class := range passing {
		if strings.HasPrefix(pg.Code, class) {
			return &UnavailableError{operation, err}
		}
	}
	return fmt.Errorf("%s: %w", operation, err)
}

func hasCode(err error, code string) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && pg.Code == code
}
