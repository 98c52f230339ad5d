package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strconv"
)

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

// DSNFrom is DSNOr for whoever asks more than once.
func DSNFrom(secrets SecretReader, given, arn string) func(context.Context) (string, error) {
	return func(ctx context.Context) (string, error) { return DSNOr(ctx, secrets, given, arn) }
}
