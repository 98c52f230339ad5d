package provision

import (
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"runtime/debug"
	"time"

	"github.com/aws/aws-lambda-go/cfn"

	"delfos/shared/postgres"
	"delfos/shared/postgres/migration"
)

// Database is one that is brought up to date.
type Database struct {
	Name       string
	DSN        func(context.Context) (string, error) // its owner's; asked when it is needed
	Migrations fs.FS
	Logins     []Login // for whom roles are made, once the schema is up to date
}

// Provisioner brings databases up to date. Its fields are set once.
type Provisioner struct {
	Databases []Database
	// Demo fills some days of made-up samples into the source, and returns how many it
	// wrote. It is asked for only where there are to be some.
	Demo   func(ctx context.Context, days int) (int64, error)
	Answer func(ctx context.Context, url string, response *cfn.Response) error
	// Secrets has those of the logins; nil where there are none.
	Secrets postgres.SecretReader
	Logger  *slog.Logger
}

// Done is what was done; a person who invokes the function gets it as the answer.
type Done struct {
	Migrated map[string]int `json:"migrated"`        // how many migrations were applied, by database
	Roles    []string       `json:"roles,omitempty"` // that are there, each with its secret's password
	Samples  int64          `json:"samples"`         // that were filled in
}

// answerReserve is what is kept of the function's time to tell CloudFormation, which
// would otherwise wait for an hour.
const answerReserve = 10 * time.Second

// Handler is the function. CloudFormation is told of every end, a panic's too; the
// function itself fails only where it could not be told, so that Lambda tries again,
// or where nobody asked to be. All that it does can be done again.
func Handler(p *Provisioner) func(context.Context, json.RawMessage) (Done, error) {
	return func(ctx context.Context, raw json.RawMessage) (Done, error) {
		asked, err := parse(raw)
		var done Done
		if err == nil {
			done, err = p.inTime(ctx, asked)
		}
		if err != nil {
			p.Logger.ErrorContext(ctx, "the databases are not up to date", "request_type", asked.RequestType, "error", err)
		}
		if asked.ResponseURL == "" {
			return done, err
		}
		return done, p.Answer(ctx, asked.ResponseURL, response(asked, p.attributes(done), err))
	}
}

// inTime does what is asked and leaves time to answer.
func (p *Provisioner) inTime(ctx context.Context, asked request) (done Done, err error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-min(answerReserve, time.Until(deadline)/2)))
		defer cancel()
	}
	defer func() {
		if fault := recover(); fault != nil {
			p.Logger.ErrorContext(ctx, "panic", "panic", fault, "stack", string(debug.Stack()))
			err = fmt.Errorf("the function panicked; its log says where: %v", fault)
		}
	}()
	if asked.RequestType == cfn.RequestDelete {
		return Done{Migrated: map[string]int{}}, nil // the data goes with its database, or stays with it
	}
	return p.provision(ctx, asked)
}

func (p *Provisioner) provision(ctx context.Context, asked request) (Done, error) {
	done := Done{Migrated: map[string]int{}}
	for _, database := range p.Databases {
		if err := p.bringUp(ctx, database, &done); err != nil {
			return done, fmt.Errorf("database %s: %w", database.Name, err)
		}
	}
	if asked.demoDays > 0 {
		samples, err := p.Demo(ctx, asked.demoDays)
		if err != nil {
			return done, fmt.Errorf("demo data: %w", err)
		}
		done.Samples = samples
	}
	p.Logger.InfoContext(ctx, "the databases are up to date", "migrated", done.Migrated, "roles", done.Roles, "samples", done.Samples)
	return done, nil
}

// bringUp waits for a database that is paused or still being made.
func (p *Provisioner) bringUp(ctx context.Context, database Database, done *Done) error {
	dsn, err := database.DSN(ctx)
	if err != nil {
		return err
	}
	conn, err := postgres.Wake(ctx, dsn)
	if err != nil {
		return err
	}
	if err := conn.Close(ctx); err != nil {
		return err
	}
	if done.Migrated[database.Name], err = migration.Up(ctx, dsn, database.Migrations); err != nil {
		return err
	}
	made, err := p.makeRoles(ctx, dsn, database.Logins)
	done.Roles = append(done.Roles, made...)
	return err
}
