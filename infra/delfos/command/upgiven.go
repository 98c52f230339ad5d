package command

import (
	"flag"
	"fmt"
	"net/url"
	"time"
)

// Variables that hold the passwords of the databases that `up` is given: flags stand
// in the process list.
const (
	sourcePassword = "DELFOS_SOURCE_PASSWORD" //nolint:gosec // a name
	targetPassword = "DELFOS_TARGET_PASSWORD" //nolint:gosec // a name
)

// defineGiven are the flags of what the stack uses instead of its own, and of who
// reaches it.
func (f *upFlags) defineGiven(flags *flag.FlagSet) {
	o := &f.options
	flags.StringVar(&o.SourceDSN, "source-dsn", "", "`postgres://user@host:port/database` to use as the source; its password is read from "+sourcePassword)
	flags.StringVar(&o.TargetDSN, "target-dsn", "", "`postgres://user@host:port/database` to use as the target; its password is read from "+targetPassword)
	flags.StringVar(&o.DynamoDBEndpoint, "dynamodb-endpoint", "", "`http://host:port` of a DynamoDB emulator to use")
	flags.DurationVar(&o.Wait, "wait", time.Minute, "how `long` these may take to answer")
	flags.StringVar(&o.FunctionsDir, "functions", "", "`directory` of functions that `delfos build` or `sam build` has built; none are built then")
	flags.StringVar(&o.Bind, "bind", "127.0.0.1", "IP `address` to listen at; 0.0.0.0 lets other machines in, without signing in")
	flags.Func("allow-host", "`name` that requests may come under, besides localhost; may be repeated", func(name string) error {
		o.AllowedHosts = append(o.AllowedHosts, name)
		return nil
	})
}

// readPasswords puts the passwords of the environment into the connection strings.
func (f *upFlags) readPasswords(getenv func(string) string) error {
	for _, database := range []struct {
		flag, variable string
		dsn            *string
	}{{"source-dsn", sourcePassword, &f.options.SourceDSN}, {"target-dsn", targetPassword, &f.options.TargetDSN}} {
		password := getenv(database.variable)
		if *database.dsn == "" || password == "" {
			continue
		}
		u, err := url.Parse(*database.dsn)
		if err != nil { // which shows the string, and so perhaps a password
			return &usageError{fmt.Sprintf("up --%s: want postgres://user@host:port/database", database.flag)}
		}
		if _, twice := u.User.Password(); twice {
			return &usageError{fmt.Sprintf("up --%s holds a password, and so does %s: leave out one", database.flag, database.variable)}
		}
		u.User = url.UserPassword(u.User.Username(), password)
		*database.dsn = u.String()
	}
	return nil
}
