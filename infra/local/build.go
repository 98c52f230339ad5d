package local

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sync/errgroup"

	"delfos/infra/local/secretsmanager"
	"delfos/infra/local/template"
)

// Build compiles each function below root as `sam build` does, each into a directory
// of its own below into, and returns where each bootstrap is. What is there and has
// not changed since is not built again. progress hears of each that is done.
func Build(ctx context.Context, root, into string, functions []template.Function, progress func(string)) (map[string]string, error) {
	if _, err := exec.LookPath("go"); err != nil {
		return nil, errors.New("the go command is not on PATH, and the functions are built with it: install Go, or put it on PATH")
	}
	bootstraps := make(map[string]string, len(functions))
	group, ctx := errgroup.WithContext(ctx)
	for _, function := range functions {
		target := filepath.Join(into, function.LogicalID, function.Handler)
		bootstraps[function.LogicalID] = target
		group.Go(func() error {
			if err := buildOne(ctx, root, target, function); err != nil {
				return err
			}
			progress(function.LogicalID + " is built")
			return nil
		})
	}
	return bootstraps, group.Wait()
}

// prebuilt finds the functions as Build and `sam build` lay them.
func prebuilt(dir string, functions []template.Function) (map[string]string, error) {
	dir, err := filepath.Abs(dir) // Lambda starts them elsewhere
	if err != nil {
		return nil, err
	}
	bootstraps := make(map[string]string, len(functions))
	for _, function := range functions {
		bootstrap := filepath.Join(dir, function.LogicalID, function.Handler)
		info, err := os.Stat(bootstrap)
		if err != nil || !info.Mode().IsRegular() || info.Mode()&0o111 == 0 {
			return nil, fmt.Errorf("--functions: there is no program %s: build the functions with `delfos build --into %s`, or leave the flag out", bootstrap, dir)
		}
		bootstraps[function.LogicalID] = bootstrap
	}
	return bootstraps, nil
}

// BuildTemplate compiles all functions of template.yaml, for Options.FunctionsDir,
// and returns their logical ids. The working directory is in the clone.
func BuildTemplate(ctx context.Context, into string, progress func(string)) ([]string, error) {
	root, err := findRoot()
	if err != nil {
		return nil, err
	}
	into, err = filepath.Abs(into) // go build runs in root
	if err != nil {
		return nil, err
	}
	// Those too that `up` starts only when it is told to.
	all := map[string]string{authorizerParameter: "lambda"}
	system, err := loadTemplate(root, secretsmanager.New(Region, AccountID, time.Time{}), all, addresses{}) // nothing of it depends on these
	if err != nil {
		return nil, err
	}
	bootstraps, err := Build(ctx, root, into, system.Functions, progress)
	return slices.Sorted(maps.Keys(bootstraps)), err
}

// functionTags leave out of a function what it does not use: lambda.norpc the runtime that
// provided.al2023 does not use (aws-lambda-go, "Building your function");
// nethttpomithttp2 HTTP/2, for all that is called speaks HTTP/1.1, one request after the
// other; nopgxregisterdefaulttypes, a tenth of a function, pgx's guesses for the simple
// protocol, which none of ours speaks.
const functionTags = "lambda.norpc,nethttpomithttp2,nopgxregisterdefaulttypes"

func buildOne(ctx context.Context, root, target string, function template.Function) error {
	var said bytes.Buffer
	args := []string{"build", "-tags", functionTags, "-buildvcs=false", "-ldflags", "-s -w", "-o", target}
	if function.TrimPath {
		args = append(args, "-trimpath")
	}
	build := exec.CommandContext(ctx, "go", append(args, "./"+filepath.ToSlash(filepath.Clean(function.CodeURI)))...)
	build.Dir = root
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	build.Stdout, build.Stderr = &said, &said
	if err := build.Run(); err != nil {
		if strings.Contains(said.String(), syscall.ENOSPC.Error()) {
			err = syscall.ENOSPC
		}
		return fmt.Errorf("build %s (%s): %w: %s", function.LogicalID, function.CodeURI, err, strings.TrimSpace(said.String()))
	}
	return nil
}
