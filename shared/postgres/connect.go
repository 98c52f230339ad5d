// Package postgres connects to the databases of the pipeline and migrates them.
package postgres

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
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

// Settings say where a database is and how this program uses it.
type Settings struct {
	DSN             string          // a PostgreSQL connection string
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
	config, err := pgxpool.ParseConfig(settings.DSN)
	if err != nil {
		return nil, errUnreadable
	}
	config.MaxConns = settings.MaxConns
	if config.MaxConns == 0 {
		config.MaxConns = 2
	}
	config.ConnConfig.ConnectTimeout = cmp.Or(settings.ConnectTimeout, connectTimeout)
	config.ConnConfig.Tracer = settings.Tracer
	config.PingTimeout = pingTimeout
	config.ConnConfig.RuntimeParams["application_name"] = settings.ApplicationName
	config.ConnConfig.RuntimeParams["timezone"] = "UTC"
	trust(config.ConnConfig)
	pool, err := pgxpool.NewWithConfig(ctx, config)
	if err != nil {
		return nil, fmt.Errorf("connect to %s: %w", config.ConnConfig.Host, err)
	}
	return pool, nil
}

// credentials is the secret that RDS keeps for a database
// (Secrets Manager User Guide, "JSON structure of Secrets Manager database
// credential secrets"), and an SSL mode of our own for databases without TLS.
type credentials struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Username string `json:"username"`
	Password string `json:"password"`
	Database string `json:"dbname"`
	SSLMode  string `json:"sslmode"`
}

// DSN turns a database secret into a connection string. TLS is verified against
// the host's name unless the secret itself names another sslmode. The error says
// which field is wrong, and shows no value.
func DSN(databaseSecret string) (string, error) {
	var c credentials
	if err := json.Unmarshal([]byte(databaseSecret), &c); err != nil {
		return "", errors.New("database secret: want a JSON object with host, port, username, password, dbname")
	}
	for _, field := range []struct{ name, value string }{{"host", c.Host}, {"username", c.Username}, {"dbname", c.Database}} {
		if field.value == "" {
			return "", fmt.Errorf("database secret: %q is missing", field.name)
		}
	}
	if c.Port == 0 {
		c.Port = 5432
	}
	if c.SSLMode == "" {
		c.SSLMode = "verify-full"
	}
	dsn := url.URL{
		Scheme:   "postgres",
		User:     url.UserPassword(c.Username, c.Password),
		Host:     net.JoinHostPort(c.Host, strconv.Itoa(c.Port)),
		Path:     "/" + c.Database,
		RawQuery: url.Values{"sslmode": {c.SSLMode}}.Encode(),
	}
	return dsn.String(), nil
}

// SecretReader reads a secret's text.
type SecretReader interface {
	Text(ctx context.Context, arn string) (string, error)
}

// DSNOr returns given where it is not empty, and otherwise the connection string
// that the database secret makes.
func DSNOr(ctx context.Context, secrets SecretReader, given, arn string) (string, error) {
	if given != "" {
		return given, nil
	}
	if arn == "" {
		return "", errors.New("no database is named: want a connection string, or the ARN of its secret")
	}
	text, err := secrets.Text(ctx, arn)
	if err != nil {
		return "", err
	}
	dsn, err := DSN(text)
	if err != nil {
		return "", fmt.Errorf("secret %s: %w", arn, err)
	}
	return dsn, nil
}
