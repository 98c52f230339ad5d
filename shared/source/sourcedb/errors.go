package sourcedb

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// UnavailableError says that the database could not answer now: it is down,
// starting, stopping, out of resources, or took too long. Trying again can help.
type UnavailableError struct {
	Operation string // "read samples"
	Cause     error
}

// Error says what failed and why.
func (e *UnavailableError) Error() string {
	return fmt.Sprintf("%s: the source database is not available (is it running, and reachable?): %v", e.Operation, e.Cause)
}

// Unwrap gives the cause.
func (e *UnavailableError) Unwrap() error { return e.Cause }

func classify(operation string, err error) error {
	if err == nil {
		return nil
	}
	if unavailable(err) {
		return &UnavailableError{operation, err}
	}
	return fmt.Errorf("%s from the source database: %w", operation, err)
}

// unavailable goes by the classes of error codes (PostgreSQL, appendix A): what
// the server said decides; without its word the connection was at fault.
func unavailable(err error) bool {
	if errors.Is(err, context.Canceled) {
		return false // whoever asked has gone
	}
	if errors.As(err, new(pgx.ScanArgError)) {
		return false // the schema is not what this program was built for
	}
	var said *pgconn.PgError
	if !errors.As(err, &said) || errors.As(err, new(*pgconn.ConnectError)) {
		return true
	}
	for _, class := range []string{
		"08",    // connection exception
		"53",    // insufficient resources
		"57P",   // operator intervention: shutdown, crash, starting up
		"57014", // query canceled, by a timeout
		"58",    // system error
	} {
		if strings.HasPrefix(said.Code, class) {
			return true
		}
	}
	return false
}
