package command

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"delfos/infra/local/template"
	"delfos/shared/environment"
)

// parameterFlag gathers Name=value pairs.
type parameterFlag map[string]string

// String is how the flag package shows the default.
func (p *parameterFlag) String() string { return "" }

// Set takes one pair.
func (p *parameterFlag) Set(pair string) error {
	name, value, ok := strings.Cut(pair, "=")
	if !ok || name == "" {
		return fmt.Errorf("want Name=value")
	}
	if *p == nil {
		*p = parameterFlag{}
	}
	(*p)[name] = value
	return nil
}

// explainParameters tells of each parameter that is wrong once. Whatever else a template
// has against it comes of that, and is left out. Other errors stay.
func explainParameters(err error, given map[string]string) error {
	var told []string
	var lines []string
	for _, cause := range leaves(err) {
		wrong, is := toWrongParameter(cause, given)
		if !is || slices.Contains(told, wrong.Name) {
			continue
		}
		told, lines = append(told, wrong.Name), append(lines, sayWrong(wrong, given))
	}
	if len(lines) == 0 {
		return err
	}
	return &severalError{lines, err}
}

// leaves are the errors that an error joins, or is itself.
func leaves(err error) []error {
	joined, several := err.(interface{ Unwrap() []error })
	if several {
		var all []error
		for _, one := range joined.Unwrap() {
			all = append(all, leaves(one)...)
		}
		return all
	}
	if inner := errors.Unwrap(err); inner != nil {
		return leaves(inner)
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// toWrongParameter tells of an error which parameter it is about, as the template says, or
// a function's settings, whose variables have the names of parameters.
func toWrongParameter(cause error, given map[string]string) (wrong template.WrongParameter, is bool) {
	switch cause := cause.(type) { //nolint:errorlint // it is a leaf
	case *environment.VariableError:
		name := parameterOf(cause.Name)
		value, ours := given[name]
		return template.WrongParameter{Name: name, Value: value, Rule: afterValue(cause.Rule, value)}, ours
	case *template.Error:
		wrong = cause.Parameter
		wrong.Rule = inSentence(wrong.Rule)
		return wrong, wrong.Name != ""
	default:
		return wrong, false
	}
}

// sayWrong says what was typed and the rule that it breaks.
func sayWrong(p template.WrongParameter, given map[string]string) string {
	pair := shellWord(p.Name + "=" + p.Value)
	if _, now := given[p.Name]; now {
		return fmt.Sprintf("up --parameter %s: %s", pair, p.Rule)
	}
	return fmt.Sprintf("parameter %s, as before or by default: %s: give another with `delfos up --parameter %s=…`", pair, p.Rule, p.Name)
}

// parameterOf is the parameter that template.yaml makes a function's variable of:
// FirstPartition of FIRST_PARTITION.
func parameterOf(variable string) string {
	var name strings.Builder
	for word := range strings.SplitSeq(variable, "_") {
		name.WriteString(word[:min(1, len(word))] + strings.ToLower(word[min(1, len(word)):]))
	}
	return name.String()
}

// afterValue leaves out of a rule the value, which is said already.
func afterValue(rule, value string) string {
	if _, after, has := strings.Cut(rule, strconv.Quote(value)); has {
		return strings.TrimLeft(after, ";: ")
	}
	return rule
}

// inSentence is a rule that ends with a parameter's ConstraintDescription, a sentence of
// its own.
func inSentence(rule string) string {
	hint, has := strings.CutPrefix(rule, "want: ")
	if !has {
		return rule
	}
	first, size := utf8.DecodeRuneInString(hint)
	return "want " + string(unicode.ToLower(first)) + strings.TrimSuffix(hint[size:], ".")
}
