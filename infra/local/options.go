// Package local runs the whole system of template.yaml on one machine: real
// PostgreSQL, the functions as real processes behind Lambda's Runtime API, and
// stand-ins for the AWS services between them.
package local

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// The account that the local services pretend to be.
const (
	Region    = "us-east-1"
	AccountID = "000000000000"
	StackName = "delfos"
)

// Options say how the stack is run. The zero value is a stack on .delfos at
// free ports.
type Options struct {
	DataDir     string            // state that survives a restart; "" means .delfos
	Fresh       bool              // start from nothing: what DataDir holds is removed
	Ephemeral   bool              // a temporary directory instead of DataDir, gone at the end
	SeedDays    int               // days of source data from the first partition on; 0 means as before, or 10; below 0 none
	APIPort     int               // of the source API; 0 is any free
	AWSPort     int               // of the AWS endpoint; 0 is any free
	ConsolePort int               // of the console; 0 is any free
	Parameters  map[string]string // of template.yaml, over those of before, and over their defaults

	// What the stack uses instead of its own. A connection string is a URL that sets
	// sslmode alone; the databases are migrated, the tables made.
	SourceDSN        string
	TargetDSN        string
	DynamoDBEndpoint string        // http://host:port of an emulator
	Wait             time.Duration // how long these may take to answer; 0 means a minute
	FunctionsDir     string        // has LogicalID/bootstrap of each function, as `sam build` lays them; "" builds them

	Bind         string   // the IP address of all ports; "" means 127.0.0.1
	AllowedHosts []string // names that requests may come under, besides this machine's own

	Reporter Reporter // hears of the steps; nil for silence
	Now      func() time.Time
}

// Reporter hears what Start does, step by step.
type Reporter interface {
	Begin(step string)    // one step at a time
	Update(detail string) // of a step that takes long; from any goroutine
	End(outcome string)   // of the step begun last
}

type silence struct{}

func (silence) Begin(string)  {}
func (silence) Update(string) {}
func (silence) End(string)    {}

const defaultSeedDays = 10

func (o Options) complete() (Options, error) {
	if o.DataDir == "" {
		o.DataDir = ".delfos"
	}
	if o.Reporter == nil {
		o.Reporter = silence{}
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wait == 0 {
		o.Wait = defaultWait
	}
	if err := errors.Join(o.completeGiven(), o.completeBind()); err != nil {
		return o, err
	}
	for name, port := range map[string]int{"API": o.APIPort, "AWS": o.AWSPort, "console": o.ConsolePort} {
		if port < 0 || port > 65535 {
			return o, fmt.Errorf("%s port %d: want 0 (any free) to 65535", name, port)
		}
	}
	return o, nil
}

// Check finds what is wrong with the options by themselves, and names the flag of
// `up` that sets it. Start checks them too.
func (o Options) Check() error {
	_, err := o.complete()
	return err
}

// findRoot looks for the directory of template.yaml, from the working directory
// upwards.
func findRoot() (string, error) {
	start, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for dir := start; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "template.yaml")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("there is no template.yaml in " + start + " or above it: run this inside a clone of the repository")
		}
	}
}
