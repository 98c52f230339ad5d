package local

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsdynamodb "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// defaultWait is how long what is given may take to answer: databases that were
// started together with the stack are not there yet.
const defaultWait = time.Minute

// waitStep is how long the stack waits before it asks again.
const waitStep = 250 * time.Millisecond

// isGiven tells whether the stack uses anything that it has not started.
func (o Options) isGiven() bool {
	return o.SourceDSN != "" || o.TargetDSN != "" || o.DynamoDBEndpoint != ""
}

// completeGiven checks what the stack is given, and writes out what a connection
// string leaves to defaults.
func (o *Options) completeGiven() error {
	if o.Fresh && o.isGiven() {
		return errors.New("--fresh removes the stack's own state alone, and goes with no database or DynamoDB that is given: " +
			"empty these yourself, and start without it")
	}
	for flag, dsn := range map[string]*string{"--source-dsn": &o.SourceDSN, "--target-dsn": &o.TargetDSN} {
		if *dsn == "" {
			continue
		}
		var err error
		if *dsn, err = completeDSN(*dsn); err != nil {
			return fmt.Errorf("%s: %w", flag, err)
		}
	}
	if o.DynamoDBEndpoint == "" {
		return nil
	}
	u, err := url.Parse(o.DynamoDBEndpoint)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Host == "" || u.User != nil || u.RawQuery != "" || strings.Trim(u.Path, "/") != "" {
		return fmt.Errorf("--dynamodb-endpoint %s: want http://host:port", o.DynamoDBEndpoint)
	}
	return nil
}

// completeDSN takes what a database's secret can say as well: that is how the
// functions hear of the database. Its errors show no part of the string, which may
// hold a password.
func completeDSN(dsn string) (string, error) {
	const want = "want postgres://user@host:port/database?sslmode=…"
	u, err := url.Parse(dsn)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return "", errors.New("it is no URL: " + want)
	}
	database := strings.TrimPrefix(u.Path, "/")
	if u.Hostname() == "" || u.User.Username() == "" || database == "" {
		return "", errors.New("host, user or database is missing: " + want)
	}
	query := u.Query()
	for name := range query {
		if name != "sslmode" {
			return "", fmt.Errorf("it sets %s, which the functions would not hear of: set sslmode alone, and the rest at the user or the database (ALTER ROLE … SET)", name)
		}
	}
	query.Set("sslmode", cmp.Or(query.Get("sslmode"), "prefer")) // as libpq does
	u.Host, u.RawQuery = net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), "5432")), query.Encode()
	if _, err := pgx.ParseConfig(u.String()); err != nil {
		return "", errors.New("it cannot be read: " + want) // err may show the password
	}
	return u.String(), nil
}

// nameOf is a connection string without its secrets, to tell one database from
// another.
func nameOf(dsn string) string {
	u, err := url.Parse(dsn)
	if err != nil || dsn == "" {
		return ""
	}
	return u.Host + u.Path
}

// awaitDatabase returns when a given database answers. A password that it refuses
// and a database that is not there do not come by waiting.
func (s *Stack) awaitDatabase(ctx context.Context, role, dsn string) error {
	var code *pgconn.PgError
	err := s.await(ctx, "the "+role+" database "+nameOf(dsn), func(ctx context.Context) (retry bool, err error) {
		conn, err := pgx.Connect(ctx, dsn)
		if err == nil {
			return false, conn.Close(ctx)
		}
		const noDatabase, invalidAuthorization = "3D000", "28" // SQLSTATE, and a class of it
		final := errors.As(err, &code) && (code.Code == noDatabase || strings.HasPrefix(code.Code, invalidAuthorization))
		return !final, err
	})
	switch {
	case err == nil:
		return nil
	case code != nil && strings.HasPrefix(code.Code, "28"):
		return fmt.Errorf("the %s database %s refuses the user or the password (%s): the password goes into the variable DELFOS_%s_PASSWORD",
			role, nameOf(dsn), code.Message, strings.ToUpper(role))
	case code != nil && code.Code == "3D000":
		return fmt.Errorf("the %s database is not there (%s): create it, or name another with --%s-dsn", role, code.Message, role)
	}
	return fmt.Errorf("%w: start it, or name another with --%s-dsn", err, role)
}

// awaitDynamoDB returns when the given DynamoDB lists its tables.
func (s *Stack) awaitDynamoDB(ctx context.Context) error {
	client := dynamoDBClient(s.options.DynamoDBEndpoint)
	err := s.await(ctx, "DynamoDB at "+s.options.DynamoDBEndpoint, func(ctx context.Context) (retry bool, err error) {
		_, err = client.ListTables(ctx, &awsdynamodb.ListTablesInput{Limit: aws.Int32(1)})
		return true, err
	})
	if err != nil {
		return fmt.Errorf("%w: start it, or name another with --dynamodb-endpoint", err)
	}
	return nil
}

// await asks again until it need not, or the wait is over.
func (s *Stack) await(ctx context.Context, what string, ask func(context.Context) (retry bool, err error)) error {
	ctx, cancel := context.WithTimeout(ctx, s.options.Wait)
	defer cancel()
	ticker := time.NewTicker(waitStep)
	defer ticker.Stop()
	var last error
	for {
		retry, err := ask(ctx)
		if err == nil || !retry {
			return err
		}
		var timeout interface{ Timeout() bool }
		if last == nil || !errors.As(err, &timeout) || !timeout.Timeout() { // an ask that is cut short says less
			last = err
		}
		s.options.Reporter.Update("waiting for " + what)
		select {
		case <-ctx.Done():
			if errors.Is(ctx.Err(), context.Canceled) {
				return ctx.Err()
			}
			return fmt.Errorf("%s has not answered for %s: %w", what, s.options.Wait, last)
		case <-ticker.C:
		}
	}
}
