package local

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Descriptor tells scripts and the command where a running stack is. It holds
// passwords and the API's token, so its file is readable by its owner alone.
type Descriptor struct {
	PID             int               `json:"pid"` // of the process that runs the stack
	APIURL          string            `json:"api_url"`
	APIToken        string            `json:"api_token"`
	ConsoleURL      string            `json:"console_url,omitempty"`
	AWSEndpointURL  string            `json:"aws_endpoint_url"`
	Region          string            `json:"region"`
	SourceDSN       string            `json:"source_dsn"`
	TargetDSN       string            `json:"target_dsn"`
	PartitionsTable string            `json:"partitions_table"`
	RunsTable       string            `json:"runs_table"`
	BackfillsTable  string            `json:"backfills_table"`
	Functions       map[string]string `json:"functions"` // logical id to function name
	StateMachineARN string            `json:"state_machine_arn,omitempty"`
}

const descriptorName = "stack.json"

// ErrNotRunning says that no stack runs on a data directory.
var ErrNotRunning = errors.New("no stack is running")

// ReadDescriptor finds the stack that runs on a data directory. The error is
// ErrNotRunning where there is none, or where the one that was is dead.
func ReadDescriptor(dataDir string) (Descriptor, error) {
	if !IsHeld(dataDir) {
		return Descriptor{}, ErrNotRunning
	}
	d, err := readDescriptor(dataDir)
	if errors.Is(err, fs.ErrNotExist) {
		return d, ErrNotRunning
	}
	return d, err
}

func readDescriptor(dataDir string) (Descriptor, error) {
	var d Descriptor
	path := filepath.Join(dataDir, descriptorName)
	text, err := os.ReadFile(path)
	if err != nil {
		return d, err
	}
	if err := json.Unmarshal(text, &d); err != nil {
		return d, fmt.Errorf("read %s: %w; stop the stack with `delfos down` and start it again", path, err)
	}
	return d, nil
}

// forgetDescriptor removes the descriptor of a stack that does not run any more.
func forgetDescriptor(dataDir string) error {
	err := os.Remove(filepath.Join(dataDir, descriptorName))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// write puts the descriptor in place whole: a reader never sees half of it.
func (d Descriptor) write(dataDir string) error {
	text, err := json.MarshalIndent(d, "", "  ") //nolint:gosec // the file is its owner's alone
	if err != nil {
		return err
	}
	return writeFile(filepath.Join(dataDir, descriptorName), append(text, '\n'))
}

// writeFile replaces a file, readable by its owner alone, in one step.
func writeFile(path string, text []byte) error {
	draft := path + ".new"
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return err
	}
	return os.Rename(draft, path)
}
