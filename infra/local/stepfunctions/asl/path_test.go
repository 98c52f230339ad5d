package asl_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/ohler55/ojg/jp"
	"pgregory.net/rapid"

	"delfos/infra/local/stepfunctions/asl"
)

const document = `{
	"name": "unit-1", "ok": true, "none": null, "delivery-partner": "UQS", "with space": 1, "it's": 2, "a.b": 3, "@x": 4, "Te\\\"\"st": 5,
	"store": {"book": [
		{"title": "A", "price": 8.95, "category": "reference"},
		{"title": "B", "price": 12.99, "category": "fiction", "isbn": "0-553"},
		{"title": "C", "price": 8.99, "category": "fiction", "isbn": "0-395"},
		{"title": "D", "price": 22.99, "category": "fiction"}], "bicycle": {"color": "red", "price": 19.95}},
	"runs": [{"partition": "2026-02-20", "outcome": "failed", "tries": 3}, {"partition": "2026-02-21", "outcome": "materialized", "tries": 1}],
	"matrix": [[1, 2], [3, 4, 5], []], "limit": 10}`

func TestAPathSelects(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		// What selects one place gives its value.
		`$.name`:                      `"unit-1"`,
		`$.none`:                      `null`,
		`$.delivery-partner`:          `"UQS"`,
		`$['name']`:                   `"unit-1"`,
		`$["name"]`:                   `"unit-1"`,
		`$.['name']`:                  `"unit-1"`,
		`$['with space']`:             `1`,
		`$['it\'s']`:                  `2`,
		`$['a.b']`:                    `3`,
		`$['Te\""st']`:                `5`,
		`$["it's"]`:                   `2`,
		`$.a\.b`:                      `3`,
		`$.\n\ame`:                    `"unit-1"`,
		`$.\@x`:                       `4`,
		`$.@x`:                        `4`,
		`$.store.book[0].title`:       `"A"`,
		`$.store.book[-1].title`:      `"D"`,
		`$['store']['book'][1].title`: `"B"`,
		`$.matrix[1][2]`:              `5`,
		`$[ 'name' ]`:                 `"unit-1"`,
		// Several names are an object of these members, as Jayway gives it, recorded in the AWS console.
		`$['name', 'ok', 'nope']`: `{"name":"unit-1","ok":true}`,
		// What can select several gives a list.
		`$.store.book[*].title`:   `["A","B","C","D"]`,
		`$.store.book.*.title`:    `["A","B","C","D"]`,
		`$.store.bicycle.*`:       `["red",19.95]`,
		`$.store.book[0,2].title`: `["A","C"]`,
		`$.store.book[1:].title`:  `["B","C","D"]`,
		`$.store.book[:2].title`:  `["A","B"]`,
		`$.store.book[1:3].title`: `["B","C"]`,
		`$.store.book[-2:].title`: `["C","D"]`,
		`$.store.book[:-3].title`: `["A"]`,
		`$.store.book[7:].title`:  `[]`,
		`$.store.book[0,9].title`: `["A"]`,
		`$..isbn`:                 `["0-553","0-395"]`,
		`$.store..price`:          `[19.95,8.95,12.99,8.99,22.99]`,
		`$.matrix..[0]`:           `[[1,2],1,3]`,
		`$.matrix[*][1]`:          `[2,4]`,
		`$.matrix[*].nope`:        `[]`,
		`$.name[*]`:               `[]`,
		`$..nope`:                 `[]`,
		`$.store.bicycle..*`:      `["red",19.95]`,
		// Filters.
		`$.runs[?(@.outcome=='failed')].partition`:                           `["2026-02-20"]`,
		`$.runs[?(@.outcome == "nope")].partition`:                           `[]`,
		`$.runs[?(@.outcome != 'failed')].tries`:                             `[1]`,
		`$.store.book[?(@.price < 10)].title`:                                `["A","C"]`,
		`$.store.book[?(@.price <= 8.95)].title`:                             `["A"]`,
		`$.store.book[?(@.price > $.limit)].title`:                           `["B","D"]`,
		`$.store.book[?(10 <= @.price)].title`:                               `["B","D"]`,
		`$.store.book[?(@.isbn)].title`:                                      `["B","C"]`,
		`$.store.book[?(!@.isbn)].title`:                                     `["A","D"]`,
		`$.store.book[?(@.isbn && @.price < 10)].title`:                      `["C"]`,
		`$.store.book[?(@.isbn && (@.price < 10 || @.title == 'B'))].title`:  `["B","C"]`,
		`$.store.book[?(!(@.isbn || @.price < 10))].title`:                   `["D"]`,
		`$.store.book[?(@.category in ['reference', 'x'])].title`:            `["A"]`,
		`$.store.book[?(@.category nin ['reference'])].title`:                `["B","C","D"]`,
		`$.store.book[?(@.category =~ /FIC.*/i)].title`:                      `["B","C","D"]`,
		`$.store.book[?(@.category =~ /fic/)].title`:                         `[]`,
		`$.store.book[?(@['title'] == 'A')].price`:                           `[8.95]`,
		`$.store.book[?(@.price == '8.95')].title`:                           `["A"]`,
		`$.store.book[?(@.title < 'C')].title`:                               `["A","B"]`,
		`$.store.book[?(@.title < 1)].title`:                                 `[]`,
		`$.store.book[?(@.isbn == null)].title`:                              `[]`,
		`$.store.bicycle[?(@.color == 'red')].price`:                         `[19.95]`,
		`$.matrix[*][?(@ > 2)]`:                                              `[3,4,5]`,
		`$..[?(@.tries >= 3)].partition`:                                     `["2026-02-20"]`,
		`$.store.book[?(@.price==8.95||@.price==22.99)].title`:               `["A","D"]`,
		`$.store.book[?(@.isbn in ['0-553',null,true,1.5])].title`:           `["B"]`,
		`$.runs[?(@.tries==3.0)].tries`:                                      `[3]`,
		`$.runs[?(@.outcome=='failed' && @.partition>='2026-02-01')].tries`:  `[3]`,
		`$.store.book[?(@.price==null || $.ok == true)][?(@.isbn)].title`:    `["B","C"]`,
		`$.store.book[?(@.category=='fiction')].title[?(@.nope == 'x')].foo`: `[]`,
	} {
		t.Run(path, func(t *testing.T) {
			t.Parallel()
			got, err := inputPath(t, path).Evaluate(asl.Scope{Input: value(t, document)})
			if err != nil {
				t.Fatal(err)
			}
			checkValue(t, got, want)
		})
	}
}

func TestAPathReadsTheContextAndVariables(t *testing.T) {
	t.Parallel()
	scope := asl.Scope{
		Context:   map[string]any{"Execution": map[string]any{"Name": "run", "RedriveCount": 2}},
		Variables: map[string]any{"plan": map[string]any{"keys": []any{"a", "b"}}, "größe_1": "x"},
	}
	for path, want := range map[string]string{
		`$$.Execution.Name`: `"run"`, `$$`: `{"Execution":{"Name":"run","RedriveCount":2}}`,
		`$plan.keys[1]`: `"b"`, `$plan`: `{"keys":["a","b"]}`, `$plan['keys'][*]`: `["a","b"]`, `$größe_1`: `"x"`,
		`$`: `null`,
	} {
		got, err := inputPath(t, path).Evaluate(scope)
		if err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		checkValue(t, got, want)
	}
	_, err := inputPath(t, `$nope.x`).Evaluate(scope)
	checkRuntimeError(t, err, asl.ErrorRuntime, "The variable $nope has not been assigned")
}

func TestNullTakesNothingOfTheData(t *testing.T) {
	t.Parallel()
	path := parse(t, machineOf(`"Type":"Succeed","InputPath":null`)).States["S"].InputPath
	got, err := path.Evaluate(asl.Scope{Input: 1})
	if err != nil || !path.IsNull() || path.String() != "null" {
		t.Fatal(got, err, path)
	}
	checkValue(t, got, `{}`)
}

// The words are AWS's, as they are recorded, where a line of asl-cases or of the Developer
// Guide shows them.
func TestAPathThatLeadsNowhereFails(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{
		`$.no.such.path`: `Invalid path '$.no.such.path' : Missing property in path $['no']`,
		`$.nope`:         `Invalid path '$.nope' : No results for path: $['nope']`,
		`$.store.nope`:   `Invalid path '$.store.nope' : No results for path: $['store']['nope']`,
		`$.matrix[7]`:    `Invalid path '$.matrix[7]' : No results for path: $['matrix'][7]`,
		`$.matrix[-4]`:   `Invalid path '$.matrix[-4]' : No results for path: $['matrix'][-4]`,
		`$.nope[*].x`:    `Invalid path '$.nope[*].x' : Missing property in path $['nope']`,
		`$.name.first`:   `Invalid path '$.name.first' : Expected to find an object with property ['first'] in path $['name'] but found a string`,
		`$.name[0]`:      `Invalid path '$.name[0]' : Filter: [0] can only be applied to arrays. Current context is: "unit-1"`,
		`$.name[1:]`:     `Invalid path '$.name[1:]' : Filter: [1:] can only be applied to arrays. Current context is: "unit-1"`,
		`$.name[0,1]`:    `Invalid path '$.name[0,1]' : Filter: [0,1] can only be applied to arrays. Current context is: "unit-1"`,
		`$.name[?(@.a)]`: `Invalid path '$.name[?(@.a)]' : Filter: [?] can not be applied to primitives. Current context is: "unit-1"`,
	} {
		_, err := inputPath(t, path).Evaluate(asl.Scope{Input: value(t, document)})
		if diff := cmp.Diff(&asl.RuntimeError{Name: asl.ErrorRuntime, Cause: want}, err); diff != "" {
			t.Error(diff)
		}
	}
}

func TestAPathOfAFieldFailsInTheWordsOfThatField(t *testing.T) {
	t.Parallel()
	wait := parse(t, machineOf(`"Type":"Wait","End":true,"SecondsPath":"$.input.waitSeconds"`)).States["S"]
	fail := parse(t, machineOf(`"Type":"Fail","ErrorPath":"$.ErrorX","CausePath":"States.Format('{}', $.CauseX)"`)).States["S"]
	task := parse(t, machineOf(`"Type":"Task","End":true,"Resource":"arn:aws:lambda:us-east-1:000000000000:function:etl","TimeoutSecondsPath":"$.No"`)).States["S"]
	for path, want := range map[*asl.Path]string{
		wait.SecondsPath:        `The SecondsPath parameter does not reference an input value: $.input.waitSeconds`,
		fail.ErrorPath:          `The JSONPath '$.ErrorX' specified for the field 'ErrorPath' could not be found in the input '{}'`,
		fail.CausePath:          `The JSONPath '$.CauseX' specified for the field 'CausePath' could not be found in the input '{}'`,
		task.TimeoutSecondsPath: `Invalid path '$.No' : No results for path: $['No']`,
	} {
		_, err := path.Evaluate(asl.Scope{Input: value(t, `{}`)})
		if diff := cmp.Diff(&asl.RuntimeError{Name: asl.ErrorRuntime, Cause: want}, err); diff != "" {
			t.Error(diff)
		}
	}
}

func TestWhatIsNoPathOfStepFunctionsIsRefused(t *testing.T) {
	t.Parallel()
	for _, path := range []string{
		``, `name`, `@.a`, `$.`, `$..`, `$.a.`, `$.a..`, `$a-b`, `$.a b`, `$.a,b`, `$[`, `$[]`, `$['a'`, `$['a]`, `$[a]`, `$[1`, `$[-]`, `$[99999999999]`,
		`$[:]`, `$[1:2:3]`, `$[::2]`, `$[(@.length-1)]`, `$['a','b'].c`, `$['a',1]`, `$[1,'a']`, `$[1,`, `$.a.length()`, `$.sum()`, `$.a]`, `$.*a`, `$.a*`,
		`$[?]`, `$[?@.a == 1]`, `$[?()]`, `$[?(@.a ==)]`, `$[?(@.a === 1)]`, `$[?(@.a == 1]`, `$[?(1)]`, `$[?(@.a size 1)]`, `$[?(@.a contains 'x')]`,
		`$[?(@..a)]`, `$[?(@.a[?(@.b)])]`, `$[?(@.a == bare)]`, `$[?(@.a in 'x')]`, `$[?(@.a in [@.b])]`, `$[?(@.a in ['x')]`, `$[?(@.a =~ /(/)]`, `$[?(@.a =~ /x)]`,
		`$[?(@.a =~ 'x')]`, `$[?(@.a == 01)]`, `$[?(@.a == 1) && (@.b)]`, `$[?(@.a.length() > 1)]`, `$$$`, "$.a\n",
	} {
		found := problems(t, machineOf(`"Type":"Succeed","InputPath":`+text(t, path)))
		if len(found) != 1 || found[0].Location != "/States/S/InputPath" || found[0].Code != "SCHEMA_VALIDATION_FAILED" {
			t.Errorf("%s: got %v", path, found)
		}
	}
}

// documents are of the shapes that payloads have.
func documents() *rapid.Generator[any] {
	return rapid.Deferred(func() *rapid.Generator[any] {
		return rapid.OneOf(
			rapid.Just[any](nil), rapid.Map(rapid.Bool(), func(b bool) any { return b }),
			rapid.Map(rapid.SampledFrom([]string{"", "a", "b"}), func(s string) any { return s }),
			rapid.Map(rapid.SliceOfN(documents(), 0, 3), func(list []any) any { return list }),
			rapid.Map(rapid.MapOfN(rapid.SampledFrom([]string{"a", "b", "c"}), documents(), 0, 3), func(m map[string]any) any { return m }),
		)
	})
}

// An implementation of JSONPath that knows nothing of this one selects the same, where
// both mean the same: no error for what is not there, and an order only for arrays.
func TestSelectionAgreesWithAnotherImplementation(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		input := documents().Draw(t, "document")
		path := "$"
		for _, step := range rapid.SliceOfN(rapid.SampledFrom([]string{".a", ".b", "['c']", "[0]", "[1]", "[-1]", "[0,1]", "[1:]", "[:2]"}), 1, 5).Draw(t, "steps") {
			path += step
		}
		want := jp.MustParseString(path).Get(input)
		got, err := inputPath(t, path).Evaluate(asl.Scope{Input: input})
		if err != nil {
			if len(want) > 0 {
				t.Fatalf("%s fails with %v, want %v", path, err, want)
			}
			return
		}
		if list, ok := got.([]any); !ok || !isIndefinite(path) {
			got = []any{got}
		} else {
			got = list
		}
		if want == nil {
			want = []any{}
		}
		if diff := cmp.Diff(any(want), got); diff != "" {
			t.Fatalf("%s (-want +got)\n%s", path, diff)
		}
	})
}

func isIndefinite(path string) bool {
	for _, c := range path {
		if c == ',' || c == ':' {
			return true
		}
	}
	return false
}

func TestAPathThatVisitsTooMuchFails(t *testing.T) {
	t.Parallel()
	_, err := inputPath(t, `$..*..*..*`).Evaluate(asl.Scope{Input: value(t, strings.Repeat("[", 400)+strings.Repeat("]", 400))})
	checkRuntimeError(t, err, asl.ErrorRuntime, "The path visits more than 1000000 places")
}
