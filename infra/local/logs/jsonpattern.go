package logs

import (
	"encoding/json"
	"regexp"
	"strconv"
	"strings"
)

// A condition is a JSON pattern or a part of it.
type condition func(document any) bool

func (c condition) matches(message string) bool {
	if !strings.HasPrefix(strings.TrimSpace(message), "{") {
		return false
	}
	decoder := json.NewDecoder(strings.NewReader(message))
	decoder.UseNumber()
	var document any
	return decoder.Decode(&document) == nil && c(document)
}

// jsonParser reads "{ … }" from left to right; rest is what is still unread.
type jsonParser struct{ rest string }

func parseJSONPattern(text string) (pattern, error) {
	parser := &jsonParser{rest: text}
	parser.take("{")
	parsed, err := parser.disjunction()
	if err != nil {
		return nil, err
	}
	if !parser.take("}") {
		return nil, parser.refuse("&&, || or }")
	}
	if parser.skipSpace(); parser.rest != "" {
		return nil, parser.refuse("the end of the pattern")
	}
	return parsed, nil
}

func (p *jsonParser) skipSpace() { p.rest = strings.TrimLeft(p.rest, " \t\r\n") }

// take reads a symbol if it comes next.
func (p *jsonParser) take(symbol string) bool {
	p.skipSpace()
	rest, ok := strings.CutPrefix(p.rest, symbol)
	p.rest = rest
	return ok
}

var unsupportedInJSON = []struct{ start, form string }{
	{"<", "numeric comparison (<)"},
	{">", "numeric comparison (>)"},
	{"IS", "the IS operator"},
	{"NOT", "the NOT EXISTS operator"},
	{"EXISTS", "the EXISTS operator"},
	{"%", "regular expressions (%...%)"},
	{"*", "wildcards (*)"},
}

func (p *jsonParser) refuse(wanted string) error {
	p.skipSpace()
	for _, known := range unsupportedInJSON {
		if strings.HasPrefix(strings.ToUpper(p.rest), known.start) {
			return unsupported(known.form, p.rest)
		}
	}
	return invalidParameter("filterPattern: want %s at %q", wanted, p.rest)
}

func (p *jsonParser) disjunction() (condition, error) {
	return p.chain("||", p.conjunction, func(a, b condition) condition {
		return func(document any) bool { return a(document) || b(document) }
	})
}

// conjunction binds tighter than disjunction.
func (p *jsonParser) conjunction() (condition, error) {
	return p.chain("&&", p.operand, func(a, b condition) condition {
		return func(document any) bool { return a(document) && b(document) }
	})
}

func (p *jsonParser) chain(operator string, next func() (condition, error), join func(a, b condition) condition) (condition, error) {
	joined, err := next()
	for err == nil && p.take(operator) {
		var more condition
		if more, err = next(); err == nil {
			joined = join(joined, more)
		}
	}
	return joined, err
}

func (p *jsonParser) operand() (condition, error) {
	if !p.take("(") {
		return p.comparison()
	}
	inner, err := p.disjunction()
	if err == nil && !p.take(")") {
		err = p.refuse("&&, || or )")
	}
	return inner, err
}

// comparison reads `$.selector = value` or `$.selector != value`. A document
// that lacks the property matches neither.
func (p *jsonParser) comparison() (condition, error) {
	path, err := p.selector()
	if err != nil {
		return nil, err
	}
	negated := p.take("!=")
	if !negated && !p.take("=") {
		return nil, p.refuse("= or !=")
	}
	equal, err := p.value()
	if err != nil {
		return nil, err
	}
	return func(document any) bool {
		found, ok := follow(document, path)
		return ok && equal(found) != negated
	}, nil
}

var selectorStep = regexp.MustCompile(`^(?:\.([A-Za-z0-9_-]+)|\[([0-9]{1,9})\])`)

// selector reads `$.name.name[0]`; a step of the path is a string or an int.
func (p *jsonParser) selector() ([]any, error) {
	if !p.take("$") {
		return nil, p.refuse("a selector, which begins with $.")
	}
	var path []any
	for {
		step := selectorStep.FindStringSubmatch(p.rest)
		switch {
		case step == nil && len(path) == 0:
			return nil, p.refuse("a property's name, such as .requestId")
		case step == nil:
			return path, nil
		case step[1] != "":
			path = append(path, step[1])
		default:
			index, err := strconv.Atoi(step[2])
			if err != nil {
				return nil, p.refuse("an array's index")
			}
			path = append(path, index)
		}
		p.rest = p.rest[len(step[0]):]
	}
}

func follow(document any, path []any) (any, bool) {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := document.(map[string]any)
			member, ok := object[step]
			if !ok {
				return nil, false
			}
			document = member
		case int:
			array, _ := document.([]any)
			if step >= len(array) {
				return nil, false
			}
			document = array[step]
		}
	}
	return document, true
}

var bareValue = regexp.MustCompile(`^[A-Za-z0-9_.+-]+`)

// value reads what a property is compared with: a string in quotes, or a bare
// word or number, which equals both that string and that number.
func (p *jsonParser) value() (func(any) bool, error) {
	p.skipSpace()
	if strings.HasPrefix(p.rest, `"`) {
		text, rest, err := quoted(p.rest)
		p.rest = rest
		if strings.Contains(text, "*") {
			return nil, unsupported("wildcards (*)", text)
		}
		return func(found any) bool { return found == text }, err
	}
	text := bareValue.FindString(p.rest)
	if text == "" || strings.HasPrefix(p.rest[len(text):], "*") {
		p.rest = p.rest[len(text):]
		return nil, p.refuse("a value")
	}
	p.rest = p.rest[len(text):]
	number, notNumber := strconv.ParseFloat(text, 64)
	return func(found any) bool {
		if found, ok := found.(json.Number); ok && notNumber == nil {
			value, err := found.Float64()
			return err == nil && value == number
		}
		return found == text
	}, nil
}
