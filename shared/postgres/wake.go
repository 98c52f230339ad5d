package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// Wake connects to a database that may be paused, starting or on its way up, and
// tries again with pauses of 1 s until it answers, refuses the credentials, or the
// context ends. The error says what the last attempt came to, and shows no
// password.
func Wake(ctx context.Context, dsn string) (*pgx.Conn, error) {
	config, err := ParseConfig(dsn)
	if err != nil {
		return nil, err
	}
	for {
		conn, err := pgx.ConnectConfig(ctx, config)
		if err == nil {
			return conn, nil
		}
		if refused(err) {
			return nil, fmt.Errorf("connect to %s: %w", config.Host, err)
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("connect to %s: it did not wake in the time that there was: %w", config.Host, err)
		case <-time.After(time.Second):
		}
	}
}

// refused tells an answer that another attempt does not change: wrong credentials,
// no such database, a certificate that does not hold.
func refused(err error) bool {
	said, ok := errors.AsType[*pgconn.PgError](err)
	if !ok {
		return notTrusted(err)
	}
	return slices.ContainsFunc([]string{
		"28", // invalid authorization
		"3D", // invalid catalog name
		"42", // access rule violation
	}, func(class string) bool { return strings.HasPrefix(said.Code, class) })
}
