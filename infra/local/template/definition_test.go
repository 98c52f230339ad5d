package template_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/template"
)

// machineOf is a template with one state machine, whose properties begin on line 5.
func machineOf(properties string) string {
	return header + `
Resources:
  M:
    Type: AWS::Serverless::StateMachine
    Properties: {` + properties + "}\n"
}

// parseBeside reads a template that has m.json beside it.
func parseBeside(t *testing.T, definition, properties string) (string, error) {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "m.json"), []byte(definition), 0o600); err != nil {
		t.Fatal(err)
	}
	parsed, err := template.Parse(filepath.Join(folder, "template.yaml"), []byte(machineOf("DefinitionUri: m.json, "+properties)), template.Environment{})
	if err != nil {
		return "", err
	}
	return parsed.StateMachines[0].Definition, nil
}

func TestSubstitutionsAreMadeInTheTextOfADefinition(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ definition, substitutions, want string }{
		"none":                       {`{"a":"$.b"}`, `{}`, `{"a":"$.b"}`},
		"within text":                {`{"a":"x-${A}-${A}"}`, `{A: 1}`, `{"a":"x-1-1"}`},
		"a number":                   {`{"a":${A}}`, `{A: 60}`, `{"a":60}`},
		"a boolean":                  {`{"a":${A}}`, `{A: true}`, `{"a":true}`},
		"of JSON":                    {`{"a":${A}}`, `{A: '["b"]'}`, `{"a":["b"]}`},
		"in a key":                   {`{"${A}":1}`, `{A: !Ref AWS::Region}`, `{"us-east-1":1}`},
		"in what came of another":    {`{"a":"${A}"}`, `{A: "<${B}>", B: b}`, `{"a":"<b>"}`},
		"of a name made of another":  {`{"a":"${${A}}"}`, `{A: B, B: b}`, `{"a":"b"}`},
		"text that is no name":       {`{"a":"${a b} ${} $A {A}"}`, `{A: 1}`, `{"a":"${a b} ${} $A {A}"}`},
		"what nothing asks for":      {`{}`, `{A: 1}`, `{}`},
		"a function within the text": {`{"a":"${A}"}`, `{A: !Sub "${AWS::StackName}-a"}`, `{"a":"delfos-a"}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := parseBeside(t, test.definition, "DefinitionSubstitutions: "+test.substitutions)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestADefinitionsProblemsNameItsFile(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ definition, properties, want string }{
		"not JSON":                  {"{\n \"a\": }", "", "m.json:2: not JSON: invalid character '}' looking for beginning of value"},
		"nothing":                   {"", "", "m.json:1: not JSON: unexpected end of JSON input"},
		"a list":                    {"[]", "", "m.json:1: a definition is a JSON object"},
		"null":                      {"null", "", "m.json:1: a definition is a JSON object"},
		"a name without value":      {"{\n\n\"a\": \"${A}\"}", "DefinitionSubstitutions: {B: b}", "m.json:3: ${A} is not among the DefinitionSubstitutions"},
		"substitutions in a circle": {`{"a": "${A}"}`, "DefinitionSubstitutions: {A: '${B}', B: '${A}'}", "m.json:1: DefinitionSubstitutions contain each other without end"},
		"one that contains itself":  {`{"a": "${A}"}`, "DefinitionSubstitutions: {A: 'a ${A}'}", "m.json:1: DefinitionSubstitutions contain each other without end"},
		"too much text": {
			`{"a": "` + strings.Repeat("${A}", 1000) + `"}`, "DefinitionSubstitutions: {A: '" + strings.Repeat("${B}", 1000) + "', B: '" + strings.Repeat("b", 100) + "'}",
			"m.json:1: with its substitutions it is larger than 1 MiB, the limit of Step Functions",
		},
		"a fraction":  {"{}", "DefinitionSubstitutions: {A: 0.5}", "template.yaml:5: M.DefinitionSubstitutions.A is text, a whole number or a boolean: put it in quotes"},
		"an object":   {"{}", "DefinitionSubstitutions: {A: {}}", "template.yaml:5: M.DefinitionSubstitutions.A is text"},
		"too large":   {strings.Repeat(" ", 1<<20) + "{}", "", `template.yaml:5: DefinitionUri "m.json": it is larger than 1 MiB, the limit of Step Functions`},
		"two of them": {"{}", "Definition: {}", "template.yaml:4: M has either Definition or DefinitionUri"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := parseBeside(t, test.definition, test.properties)
			wantError(t, err, test.want)
		})
	}
}

func TestDefinitionUriIsAFileBelowTheTemplatesFolder(t *testing.T) {
	t.Parallel()
	around := t.TempDir()
	folder := filepath.Join(around, "system")
	if err := os.MkdirAll(filepath.Join(folder, "machine"), 0o700); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"secret.json", "system/machine/m.json"} {
		if err := os.WriteFile(filepath.Join(around, file), []byte(`{"file":"`+file+`"}`), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("../secret.json", filepath.Join(folder, "link.json")); err != nil {
		t.Fatal(err)
	}
	const line = "template.yaml:5: "
	for uri, want := range map[string]string{
		"machine/m.json":              "no error",
		"./machine/../machine/m.json": "no error",
		"../secret.json":              line + `DefinitionUri "../secret.json": want a file below the template's folder`,
		"/etc/hostname":               line + `DefinitionUri "/etc/hostname": want a file below the template's folder`,
		"s3://bucket/key":             line + `DefinitionUri "s3://bucket/key": want a file below the template's folder`,
		"machine":                     line + `DefinitionUri "machine": it is not a file`,
		"link.json":                   line + `DefinitionUri "link.json": statat link.json: path escapes from parent`,
		"nowhere.json":                line + `DefinitionUri "nowhere.json": statat nowhere.json: no such file or directory`,
		"{Bucket: a, Key: b}":         line + `DefinitionUri "": want a file below the template's folder` + "\n" + line + "M.DefinitionUri is text",
	} {
		t.Run(uri, func(t *testing.T) {
			t.Parallel()
			_, err := template.Parse(filepath.Join(folder, "template.yaml"), []byte(machineOf("DefinitionUri: "+uri)), template.Environment{})
			wantError(t, err, want)
		})
	}
}

func TestAnInlineDefinitionTakesValuesAsTextAsSamDoes(t *testing.T) {
	t.Parallel()
	for definition, want := range map[string]string{
		`{a: [x, 1, 2.50, true, "1", 2026-02-20]}`: `{"a":["x",1,2.50,true,"1","2026-02-20"]}`,
		`{a: !Ref AWS::Region}`:                    `{"a":"us-east-1"}`,
		`{a: {Ref: AWS::Region}}`:                  `{"a":"us-east-1"}`,
		`{a: [!Sub "${AWS::Region}-1"]}`:           `{"a":["us-east-1-1"]}`,
		`{a: !Sub "b\", \"c\": \"d"}`:              `{"a":"b","c":"d"}`,
		`{a: "<${A}>"}`:                            `{"a":"<7>"}`,
		`{a: "<&>"}`:                               `{"a":"<&>"}`,
	} {
		t.Run(definition, func(t *testing.T) {
			t.Parallel()
			parsed := parse(t, machineOf("DefinitionSubstitutions: {A: 7}, Definition: "+definition), template.Environment{})
			got := strings.Map(func(character rune) rune {
				if character == ' ' || character == '\n' {
					return -1
				}
				return character
			}, parsed.StateMachines[0].Definition)
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestInlineDefinitionsThatCannotBeJSONAreRefused(t *testing.T) {
	t.Parallel()
	const line = "template.yaml:5: "
	for definition, want := range map[string]string{
		`[a]`:                       line + "Definition is a mapping",
		`!Ref AWS::Region`:          line + "Definition is a mapping",
		`{a: 0o17}`:                 line + "0o17 becomes JSON: write it as JSON does, or in quotes",
		`{a: .inf}`:                 line + ".inf becomes JSON: write it as JSON does, or in quotes",
		`{a: !Ref AWS::NoValue}`:    line + "a value in Definition is AWS::NoValue, want text",
		`{a: !Split [",", "a,b"]}`:  line + "a value in Definition is text",
		`{a: !Ref Nobody}`:          line + "there is no parameter or resource Nobody",
		`{a: "{{resolve:ssm:x}}"}`:  line + "dynamic references ({{resolve:…}}) are not supported by the local stack",
		`{a: !Join ["", ['"', b]]}`: line + `Definition: not JSON: invalid character 'b' after object key:value pair`,
		`{a: "${B}"}`:               line + "Definition: ${B} is not among the DefinitionSubstitutions",
	} {
		t.Run(definition, func(t *testing.T) {
			t.Parallel()
			_, err := template.Parse("template.yaml", []byte(machineOf("Definition: "+definition)), template.Environment{})
			wantError(t, err, want)
		})
	}
}
