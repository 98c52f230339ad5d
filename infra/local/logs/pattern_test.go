package logs

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"delfos/infra/local/awsjson"
)

func TestAPatternMatches(t *testing.T) {
	t.Parallel()
	const document = `{"run_id":"X","n":200,"list":[{"a":"b"}],"deep":{"er":"yes"},"nothing":null,"truth":true}`
	tests := []struct {
		pattern, message string
		want             bool
	}{
		{"", "anything", true},
		{"  ", "anything", true},
		{"ERROR", "an ERROR came", true},
		{"ERROR", "an error came", false},
		{"ERROR came", "came an ERROR", true},
		{"ERROR gone", "came an ERROR", false},
		{`"an ERROR"`, "an ERROR came", true},
		{`"ERROR an"`, "an ERROR came", false},
		{`"say \"hi\" \\"`, `they say "hi" \ now`, true},
		{`a"b c"d`, "d b c a", true},
		{`{ $.run_id = "X" }`, document, true},
		{`{$.run_id="X"}`, document, true},
		{`{ $.run_id = X }`, document, true},
		{`{ $.run_id = "Y" }`, document, false},
		{`{ $.run_id != "Y" }`, document, true},
		{`{ $.absent != "Y" }`, document, false},
		{`{ $.n = 200 }`, document, true},
		{`{ $.n = 2e2 }`, document, true},
		{`{ $.n = "200" }`, document, false},
		{`{ $.n != 201 }`, document, true},
		{`{ $.list[0].a = "b" }`, document, true},
		{`{ $.list[1].a = "b" }`, document, false},
		{`{ $.run_id[0] = "X" }`, document, false},
		{`{ $.deep.er = "yes" && $.run_id = "X" }`, document, true},
		{`{ $.deep.er = "no" && $.run_id = "X" }`, document, false},
		{`{ $.deep.er = "no" || $.run_id = "X" }`, document, true},
		{`{ $.n = 200 || $.n = 1 && $.n = 2 }`, document, true},
		{`{ ($.n = 200 || $.n = 1) && $.n = 2 }`, document, false},
		{`{ $.nothing = "x" }`, document, false},
		{`{ $.run_id = "X" }`, `run_id X`, false},
		{`{ $.run_id = "X" }`, `{"run_id":"X"`, false},
	}
	for _, test := range tests {
		parsed, err := parsePattern(test.pattern)
		if err != nil {
			t.Errorf("%s: %v", test.pattern, err)
			continue
		}
		if got := parsed.matches(test.message); got != test.want {
			t.Errorf("%s on %s: %v, want %v", test.pattern, test.message, got, test.want)
		}
	}
}

func TestAPatternThatIsNotSupportedIsRefusedByName(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"-DEBUG":                       "excluded terms",
		"?ERROR ?WARN":                 "optional terms",
		"%ERR.*%":                      "regular expressions",
		"[a, b]":                       "space-delimited",
		"ERROR-1":                      "Invalid character(s) in term 'ERROR-1'",
		`"open`:                        "not closed",
		"{ $.n > 1 }":                  "numeric comparison (>)",
		"{ $.n < 1 }":                  "numeric comparison (<)",
		"{ $.n IS NULL }":              "the IS operator",
		"{ $.n NOT EXISTS }":           "NOT EXISTS",
		`{ $.n = "a*" }`:               "wildcards",
		`{ $.n = a* }`:                 "wildcards",
		`{ $.n = * }`:                  "wildcards",
		`{ $.n = %a% }`:                "regular expressions",
		`{ $.n = }`:                    "a value",
		`{ n = 1 }`:                    "a selector",
		`{ $ = 1 }`:                    "a property's name",
		`{ $.n }`:                      "= or !=",
		`{ $.n = 1`:                    "&&, || or }",
		`{ ($.n = 1 }`:                 "&&, || or )",
		`{ $.n = 1 } x`:                "the end of the pattern",
		strings.Repeat("a", 1025):      "at most 1024",
		"{}":                           "a selector",
		`{ $.n["a"] = 1 }`:             "= or !=",
		`{ $.n = 1 & $.m = 1 }`:        "&&, || or }",
		`{ $.list[9999999999] = "a" }`: "= or !=",
	}
	for text, part := range tests {
		_, err := parsePattern(text)
		var failure *awsjson.Error
		if !errors.As(err, &failure) || failure.Type != "InvalidParameterException" || !strings.Contains(failure.Message, part) {
			t.Errorf("%s: got %v, want an InvalidParameterException that says %q", text, err, part)
		}
	}
}

func FuzzParsePattern(f *testing.F) {
	for _, seed := range []string{"", "ERROR", `"a b" c`, `{ $.a.b[0] = "x" && ($.c != 1 || $.d = e) }`, "{", `"\`, "{ $.a IS TRUE }", "{(((($.a=1))))}"} {
		f.Add(seed, `{"a":{"b":["x"]},"c":2}`)
	}
	f.Fuzz(func(t *testing.T, text, message string) {
		parsed, err := parsePattern(text)
		if err != nil {
			if _, ok := errors.AsType[*awsjson.Error](err); !ok {
				t.Errorf("%q: %v is not an AWS error", text, err)
			}
			return
		}
		parsed.matches(message)
	})
}

func FuzzAQuotedTermIsFoundInItsMessage(f *testing.F) {
	f.Add(`say "hi" \`)
	f.Fuzz(func(t *testing.T, term string) {
		escaped := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(term)
		if len(escaped)+2 > maxPatternLength || !utf8.ValidString(term) {
			t.Skip()
		}
		parsed, err := parsePattern(`"` + escaped + `"`)
		if err != nil || !parsed.matches("before "+term+" after") {
			t.Errorf("%q is not found: %v", term, err)
		}
	})
}

func FuzzAFileNameIsReversible(f *testing.F) {
	for _, seed := range []string{"/aws/lambda/etl", "2026/02/26/[$LATEST]0123", "..", ".", "a%2Fb"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		file := fileName(name)
		if back, ok := nameOf(file); !ok || back != name {
			t.Errorf("%q became %q and then %q", name, file, back)
		}
		if file == "." || file == ".." || strings.ContainsAny(file, `/\`+"\x00") {
			t.Errorf("%q is no file name: %q", name, file)
		}
	})
}
