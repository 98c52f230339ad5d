package command

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"delfos/infra/local/template"
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

// What is wrong with a parameter, as the template and the functions' settings say it.
var (
	wrongValue   = regexp.MustCompile(`^the parameter (\S+) is ("(?:[^"\\]|\\.)*"); (.*)$`)
	wrongName    = regexp.MustCompile(`^the parameter (\S+) was given, and the template has none of that name$`)
	wrongSetting = regexp.MustCompile(`^environment variable ([A-Z_]+): (.*)$`)
)

// wrongParameter is one that the template does not take.
type wrongParameter struct{ name, value, rule string }

// explainParameters tells of each parameter that is wrong once. Whatever else a template
// has against it comes of that, and is left out. Other errors stay.
func explainParameters(err error, given map[string]string) error {
	var told []string
	var lines []string
	for _, cause := range leaves(err) {
		wrong, is := toWrongParameter(cause, given)
		if !is || slices.Contains(told, wrong.name) {
			continue
		}
		told, lines = append(told, wrong.name), append(lines, wrong.text(given))
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

func toWrongParameter(cause error, given map[string]string) (wrong wrongParameter, is bool) {
	if found := wrongSetting.FindStringSubmatch(cause.Error()); found != nil {
		name := parameterOf(found[1])
		value, ours := given[name]
		return wrongParameter{name, value, afterValue(found[2], value)}, ours
	}
	problem, ok := cause.(*template.Error) //nolint:errorlint // it is a leaf
	if !ok {
		return wrong, false
	}
	if found := wrongName.FindStringSubmatch(problem.Message); found != nil {
		return wrongParameter{found[1], given[found[1]], "template.yaml has no parameter of that name"}, true
	}
	found := wrongValue.FindStringSubmatch(problem.Message)
	if found == nil {
		return wrong, false
	}
	value, err := strconv.Unquote(found[2])
	return wrongParameter{found[1], value, inSentence(found[3])}, err == nil
}

// text says what was typed and the rule that it breaks.
func (p wrongParameter) text(given map[string]string) string {
	pair := shellWord(p.name + "=" + p.value)
	if _, now := given[p.name]; now {
		return fmt.Sprintf("up --parameter %s: %s", pair, p.rule)
	}
	return fmt.Sprintf("parameter %s, as before or by default: %s: give another with `delfos up --parameter %s=…`", pair, p.rule, p.name)
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
