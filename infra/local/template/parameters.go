package template

import (
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// parameterType tells the parameter types that are known; the AWS-specific ones
// (AWS::EC2::Subnet::Id) are taken as text, since what they name is not here.
var parameterType = regexp.MustCompile(`^(String|Number|CommaDelimitedList|List<Number>|AWS::EC2::[A-Za-z]+::[A-Za-z]+|List<AWS::EC2::[A-Za-z]+::[A-Za-z]+>)$`)

// Parameter is one of the stack's parameters.
type Parameter struct {
	Name   string
	Value  string // given or by default; the items of a list are separated by commas
	NoEcho bool   // not to be shown
}

// parameterValues are the parameters in the template's order.
func (r *resolver) parameterValues() []Parameter {
	var all []Parameter
	for key, node := range pairs(r.document.parameters) {
		value := r.parameters[key.Value]
		text := value.Value
		if value.Kind == yaml.SequenceNode {
			items := make([]string, 0, len(value.Content))
			for _, item := range value.Content {
				items = append(items, item.Value)
			}
			text = strings.Join(items, ",")
		}
		hidden := child(node, "NoEcho")
		all = append(all, Parameter{Name: key.Value, Value: text, NoEcho: hidden != nil && hidden.Value == "true"})
	}
	return all
}

// parameterRules are a parameter's constraints (CloudFormation User Guide,
// "Parameters"); they hold for each element of a list.
type parameterRules struct {
	name                 string
	pattern              *regexp.Regexp
	allowed              []string
	minLength, maxLength int
	minValue, maxValue   *float64
	number               bool
	hint                 string
}

// readParameters gives each parameter its value, text or list.
func readParameters(section *yaml.Node, given map[string]string, found *problems) map[string]*yaml.Node {
	values := map[string]*yaml.Node{}
	for key, node := range pairs(section) {
		values[key.Value] = readParameter(key, node, given, found)
	}
	for name := range given {
		if values[name] == nil {
			at := section
			if at == nil {
				at = &yaml.Node{Line: 1}
			}
			wrong := WrongParameter{name, given[name], filepath.Base(found.file) + " has no parameter of that name"}
			found.addParameter(at, wrong, "the parameter %s was given, and the template has none of that name", name)
		}
	}
	return values
}

func readParameter(key, node *yaml.Node, given map[string]string, found *problems) *yaml.Node {
	fields := newFields(key.Value, node, literal(found), found)
	kind := fields.required("Type")
	fields.awsOnly("Description", "NoEcho")
	rules := readParameterRules(key.Value, kind, fields, found)
	standard := fields.value("Default")
	fields.finish()
	if kind != "" && !parameterType.MatchString(kind) {
		found.add(key, "the parameter %s has the type %s, which is not supported", key.Value, kind)
		return brokenAt(key)
	}
	at := key
	text, ok := given[key.Value]
	if !ok {
		if standard == nil || standard.Kind != yaml.ScalarNode {
			found.add(key, "the parameter %s has no default, and none was given", key.Value)
			return brokenAt(key)
		}
		at, text = standard, standard.Value
	}
	if !strings.HasPrefix(kind, "List<") && kind != "CommaDelimitedList" {
		rules.check(at, text, found)
		return textAt(at, text)
	}
	items := []*yaml.Node{}
	for item := range strings.SplitSeq(text, ",") {
		item = strings.TrimSpace(item)
		rules.check(at, item, found)
		items = append(items, textAt(at, item))
	}
	return listAt(at, items)
}

func readParameterRules(name, kind string, fields *fields, found *problems) parameterRules {
	rules := parameterRules{
		name: name, number: strings.Contains(kind, "Number"), hint: fields.text("ConstraintDescription", ""),
		minLength: fields.integer("MinLength", 0, maxBytes, 0), maxLength: fields.integer("MaxLength", 0, maxBytes, maxBytes),
		minValue: fields.number("MinValue"), maxValue: fields.number("MaxValue"),
	}
	for _, item := range fields.list("AllowedValues") {
		rules.allowed = append(rules.allowed, item.Value)
	}
	if pattern := fields.value("AllowedPattern"); pattern != nil {
		compiled, err := regexp.Compile(`^(?:` + pattern.Value + `)$`)
		if err != nil {
			found.add(pattern, "%s.AllowedPattern is no regular expression of Go's: %v", name, err)
		}
		rules.pattern = compiled
	}
	return rules
}

// plain writes a number without an exponent.
func plain(number float64) string { return strconv.FormatFloat(number, 'f', -1, 64) }

func (r parameterRules) check(at *yaml.Node, value string, found *problems) {
	broken := ""
	number, err := strconv.ParseFloat(value, 64)
	switch {
	case r.number && err != nil:
		broken = "want a number"
	case r.minValue != nil && number < *r.minValue:
		broken = "want at least " + plain(*r.minValue)
	case r.maxValue != nil && number > *r.maxValue:
		broken = "want at most " + plain(*r.maxValue)
	case len(value) < r.minLength:
		broken = fmt.Sprintf("want at least %d characters", r.minLength)
	case len(value) > r.maxLength:
		broken = fmt.Sprintf("want at most %d characters", r.maxLength)
	case r.allowed != nil && !slices.Contains(r.allowed, value):
		broken = "want one of " + strings.Join(r.allowed, ", ")
	case r.pattern != nil && !r.pattern.MatchString(value):
		broken = "it does not match AllowedPattern"
		if r.hint != "" {
			broken = "want: " + r.hint
		}
	}
	if broken != "" {
		found.addParameter(at, WrongParameter{r.name, value, broken}, "the parameter %s is %q; %s", r.name, value, broken)
	}
}
