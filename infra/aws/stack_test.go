// Package aws_test holds what is deployed against what it has to promise: the template
// as SAM translates it, and the nested ones.
package aws_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

const root = "../.."

// system is the main template; the others are nested in it.
const system = "template.yaml"

var files = []string{system, "infra/aws/network.yaml", "infra/aws/database.yaml", "infra/aws/monitoring.yaml"}

// object is a mapping of a template.
type object = map[string]any

// resource is a resource with where it stands.
type resource struct {
	file, id, kind string
	whole          object
	properties     object
}

type templates map[string]object

// translated is done once: the translator takes a second to start.
var translated = sync.OnceValues(func() (templates, error) {
	python, err := findPython()
	if err != nil {
		return nil, nil // nothing there is what the tests skip by
	}
	for _, file := range append([]string{"infra/aws/translate.py"}, files...) {
		// Read here too, so that `go test` sees that it has changed.
		if _, err := os.ReadFile(filepath.Join(root, file)); err != nil {
			return nil, err
		}
	}
	var said bytes.Buffer
	command := exec.Command(python, append([]string{"infra/aws/translate.py"}, files...)...)
	command.Dir, command.Stderr = root, &said
	command.Env = append(os.Environ(), "AWS_DEFAULT_REGION=us-east-1")
	text, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("translate: %w: %s", err, said.String())
	}
	var all templates
	return all, json.Unmarshal(text, &all)
})

// findPython is the interpreter of the environment that .ci/install.sh makes for SAM.
func findPython() (string, error) {
	tools := os.Getenv("DELFOS_CI_TOOLS")
	if tools == "" {
		cache, err := os.UserCacheDir()
		if err != nil {
			return "", err
		}
		tools = filepath.Join(cache, "delfos-ci")
	}
	return exec.LookPath(filepath.Join(tools, "sam", "bin", "python"))
}

func load(t *testing.T) templates {
	t.Helper()
	all, err := translated()
	if err != nil {
		t.Fatal(err)
	}
	if all == nil && os.Getenv("DELFOS_SAM") == "required" {
		t.Fatal("SAM's translator is not installed, and DELFOS_SAM=required")
	}
	if all == nil {
		t.Skip("SKIPPED: SAM's translator is not installed, and what is deployed is not checked; `.ci/run install` installs it")
	}
	return all
}

// of are the resources of a type, of all templates, by name.
func (all templates) of(kinds ...string) []resource {
	var found []resource
	for _, file := range files {
		resources := all[file]["Resources"].(object)
		for _, id := range slices.Sorted(maps.Keys(resources)) {
			whole := resources[id].(object)
			kind := whole["Type"].(string)
			if len(kinds) > 0 && !slices.Contains(kinds, kind) {
				continue
			}
			properties, _ := whole["Properties"].(object)
			found = append(found, resource{file, id, kind, whole, properties})
		}
	}
	return found
}

// some is of, and fails where there is none: a test of nothing passes.
func (all templates) some(t *testing.T, kinds ...string) []resource {
	t.Helper()
	found := all.of(kinds...)
	if len(found) == 0 {
		t.Fatalf("there is no %s", strings.Join(kinds, ", "))
	}
	return found
}

// text is a value in short: Ref and GetAtt as ${A} and ${A.B}, other functions and
// lists as JSON.
func text(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case object:
		if name, ok := value["Ref"].(string); ok {
			return "${" + name + "}"
		}
		if path, ok := value["Fn::GetAtt"].([]any); ok {
			return fmt.Sprintf("${%v.%v}", path[0], path[1])
		}
		if sub, ok := value["Fn::Sub"].(string); ok {
			return sub
		}
		if choice, ok := value["Fn::If"].([]any); ok {
			return fmt.Sprintf("if %v then %s else %s", choice[0], text(choice[1]), text(choice[2]))
		}
	}
	made, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(made)
}

// texts is a value or a list of them.
func texts(value any) []string {
	if value == nil {
		return nil
	}
	list, ok := value.([]any)
	if !ok {
		list = []any{value}
	}
	var all []string
	for _, item := range list {
		all = append(all, text(item))
	}
	return all
}

// at follows keys into mappings.
func at(value any, keys ...string) any {
	for _, key := range keys {
		inner, _ := value.(object)
		value = inner[key]
	}
	return value
}

// objects are the mappings of a list; an Fn::If stands for what it chooses of.
func objects(value any) []object {
	var all []object
	list, _ := value.([]any)
	for _, item := range list {
		one, ok := item.(object)
		if !ok {
			continue
		}
		if choice, ok := one["Fn::If"].([]any); ok {
			all = append(all, objects(choice[1:])...)
		} else if one["Ref"] == nil {
			all = append(all, one)
		}
	}
	return all
}
