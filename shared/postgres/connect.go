// Package postgres connects to the databases of the pipeline and migrates them.
package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// connectTimeout bounds one attempt to connect; a paused Aurora cluster takes
// some 15 s to wake.
const connectTimeout = 20 * time.Second

// pingTimeout bounds the look at a connection that has been idle, before it is used: a
// sandbox may have been frozen for hours, and its connections cut without a word.
const pingTimeout = 2 * time.Second

// askTimeout bounds the question for the connection string that a new connection waits for.
const askTimeout = 2 * time.Second

// Settings say where a database is and how this program uses it.
type Settings struct {
	DSN string // a PostgreSQL connection string
	// AskDSN takes DSN's place where it is not nil. It is asked at once and then by each
	// new connection, for the password may change while the pool lives: it is to answer
	// within 2 s, and best out of its memory.
	AskDSN          func(context.Context) (string, error)
	ApplicationName string          // shown in pg_stat_activity
	MaxConns        int32           // connections at once; 0 means 2
	ConnectTimeout  time.Duration   // of one attempt to connect; 0 means 20 s
	Tracer          pgx.QueryTracer // may be nil
}

// errUnreadable stands for the error of the parser, which would show the password.
var errUnreadable = errors.New("database connection string: it cannot be read; want postgres://user:password@host:port/database")

// ParseConfig reads a connection string for a single connection, which waits for a
// paused Aurora cluster and trusts RDS's certificates on RDS's hosts. Its error
// shows nothing of the string.
func ParseConfig(dsn string) (*pgx.ConnConfig, error) {
	config, err := pgx.ParseConfig(dsn)
	if err != nil {
		return nil, errUnreadable
	}
	config.ConnectTimeout = connectTimeout
	trust(config)
	return config, nil
}

// Connect makes a pool. It does not wait for the database: the first query
// connects, and reports a database that is down.
func Connect(ctx context.Context, settings Settings) (*pgxpool.Pool, error) {
	dsn := settings.DSN
	if settings.AskDSN != nil {
		var err error
		if dsn, err = settings.AskDSN(ctx); err != nil {
			return nil, err
		}
	}
	config, err := settings.parse(dsn)
	if err != nil {
		return nil, err
	}
	if settings.AskDSN != nil {
		config.BeforeConnect = settings.renew
	}
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", config.ConnConfig.Host, err)
	}
	return pool, nil
}

func (s Settings) parse(dsn string) (*pgxpool.Config, error) {
	config, err := pgxpool.ParseConfig(dsn)
	if err != nil {
		return nil, errUnreadable
	}
	config.MaxConns = cmp.Or(s.MaxConns, 2)
	config.ConnConfig.ConnectTimeout = cmp.Or(s.ConnectTimeout, connectTimeout)
	config.ConnConfig.Tracer = s.Tracer
	config.PingTimeout = pingTimeout
	config.ConnConfig.RuntimeParams["application_name"] = s.ApplicationName
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	trust(config.ConnConfig)
	return config, nil
}

// renew has a new connection go by the connection string as it is by now.
func (s Settings) renew(ctx context.Context, config *pgx.ConnConfig) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	dsn, err := s.AskDSN(ctx)
	if err != nil {
		return err
	}
	fresh, err := s.parse(dsn)
	if err != nil {
		return err
	}
	*config = *fresh.ConnConfig
	return nil
}
