package local

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"delfos/infra/local/postgres"
	"delfos/infra/local/template"
)

// state is the data directory: what survives a restart.
type state struct{ dir string }

func (s state) postgres() string  { return filepath.Join(s.dir, "postgres") }
func (s state) binaries() string  { return filepath.Join(s.dir, "postgres-binaries") }
func (s state) dynamodb() string  { return filepath.Join(s.dir, "dynamodb") }
func (s state) logs() string      { return filepath.Join(s.dir, "logs") }
func (s state) lambda() string    { return filepath.Join(s.dir, "lambda") }
func (s state) queues() string    { return filepath.Join(s.dir, "sqs") }
func (s state) events() string    { return filepath.Join(s.dir, "eventbridge") }
func (s state) machines() string  { return filepath.Join(s.dir, "stepfunctions") }
func (s state) schedules() string { return filepath.Join(s.dir, "scheduler") }
func (s state) functions() string { return filepath.Join(s.dir, "functions") }
func (s state) secrets() string   { return filepath.Join(s.dir, "secrets.json") }
func (s state) choices() string   { return filepath.Join(s.dir, "choices.json") }

// takeDirectory makes the data directory this process's alone.
func (s *Stack) takeDirectory(context.Context) error {
	dir, err := s.directory()
	if err != nil {
		return err
	}
	s.state = state{dir}
	if s.root, err = findRoot(); err != nil {
		return err
	}
	// PostgreSQL's own user must be able to pass through, where up runs as root.
	if err := os.MkdirAll(dir, 0o711); err != nil { //nolint:gosec // see above
		return fmt.Errorf("make the data directory: %w", err)
	}
	unlock, err := lock(dir)
	if err != nil {
		return err
	}
	s.onClose("the lock", func(context.Context) error { unlock(); return nil })
	if err := forgetDescriptor(dir); err != nil {
		return err
	}
	return s.recall()
}

// removeOldState is for --fresh. It comes when nothing that could be wrong with the
// command line is left to be found.
func (s *Stack) removeOldState(ctx context.Context) error {
	if !s.options.Fresh {
		return nil
	}
	return s.step("Removing the old state", func() (string, error) { return "removed", s.state.remove(ctx) })
}

func (s *Stack) directory() (string, error) {
	if !s.options.Ephemeral {
		return filepath.Abs(s.options.DataDir)
	}
	dir, err := os.MkdirTemp("", "delfos-")
	if err != nil {
		return "", err
	}
	if err := os.Chmod(dir, 0o711); err != nil { //nolint:gosec // as takeDirectory
		return "", err
	}
	s.onClose("the temporary directory", func(ctx context.Context) error {
		return errors.Join(state{dir}.remove(ctx), os.RemoveAll(dir))
	})
	return dir, nil
}

// remove deletes the state by its own names, so that a data directory that was
// mistyped loses nothing else.
func (s state) remove(ctx context.Context) error {
	problems := []error{postgres.Remove(ctx, s.postgres())}
	for _, path := range []string{
		s.dynamodb(), s.logs(), s.lambda(), s.queues(), s.events(), s.machines(), s.schedules(), s.functions(), s.secrets(), s.choices(),
	} {
		problems = append(problems, os.RemoveAll(path))
	}
	return errors.Join(problems...)
}

// keptSecrets makes what the template says is generated, once, and finds it again.
func (s state) keptSecrets(wanted []template.Secret) (map[string]string, error) {
	kept := map[string]string{}
	text, err := os.ReadFile(s.secrets())
	if err == nil {
		err = json.Unmarshal(text, &kept)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read %s: %w; remove it, and new secrets are made", s.secrets(), err)
	}
	made := false
	for _, secret := range wanted {
		if kept[secret.LogicalID] != "" {
			continue
		}
		made = true
		kept[secret.LogicalID] = secret.Text
		if secret.Generate != nil {
			if kept[secret.LogicalID], err = secret.Generate.Generate(rand.Reader); err != nil {
				return nil, err
			}
		}
	}
	if !made {
		return kept, nil
	}
	if text, err = json.Marshal(kept); err != nil {
		return nil, err
	}
	return kept, writeFile(s.secrets(), text)
}
