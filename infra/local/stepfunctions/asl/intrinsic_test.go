package asl_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"delfos/infra/local/stepfunctions/asl"
)

const arguments = `{"name":"Arnav","template":"Hello, my name is {}.","list":[1,2,3,4,5,6,7,8,9],"mixed":[null,true,1,1.0,"1","a","a",[1],[1.0],{"x":1},{"x":1e0}],
	"escaped":"{\"foo\":\"bar\"}","object":{"foo":"bar","n":[1,null]},"a":{"a":{"a1":1},"b":2},"b":{"a":{"a3":1},"c":3},"number":111,"half":-1.5,"text":"1,2.3","empty":""}`

// The examples are the Developer Guide's ("Intrinsic functions for JSONPath states") and the
// specification's; what is odd in the others is recorded of AWS.
func TestIntrinsicFunctions(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ call, want string }{
		{`States.Array()`, `[]`},
		{`States.Array($.name, 1, -2.5e3, 'x', true, false, null)`, `["Arnav",1,-2.5e3,"x",true,false,null]`},
		{`States.ArrayPartition($.list, 4)`, `[[1,2,3,4],[5,6,7,8],[9]]`},
		{`States.ArrayPartition(States.Array(), 4)`, `[]`},
		{`States.ArrayContains($.list, 5)`, `true`},
		{`States.ArrayContains($.list, 5.0)`, `true`},
		{`States.ArrayContains($.list, '5')`, `false`},
		{`States.ArrayContains($.mixed, null)`, `true`},
		{`States.ArrayContains($.mixed, States.StringToJson('{"x":1}'))`, `true`},
		{`States.ArrayRange(1, 9, 2)`, `[1,3,5,7,9]`},
		{`States.ArrayRange(0, 10, 3)`, `[0,3,6,9]`},
		{`States.ArrayRange(3, 1, -1)`, `[3,2,1]`},
		{`States.ArrayRange(1, 0, 1)`, `[]`},
		{`States.ArrayGetItem($.list, 5)`, `6`},
		{`States.ArrayLength($.list)`, `9`},
		{`States.ArrayUnique($.mixed)`, `[null,true,1,"1","a",[1],{"x":1}]`},
		{`States.Base64Encode('Data to encode')`, `"RGF0YSB0byBlbmNvZGU="`},
		{`States.Base64Decode('RGF0YSB0byBlbmNvZGU=')`, `"Data to encode"`},
		{`States.Base64Encode($.empty)`, `""`},
		{`States.Hash('input data', 'MD5')`, `"812f45842bc6d66ee14572ce20db8e86"`},
		{`States.Hash('input data', 'SHA-1')`, `"aaff4a450a104cd177d28d18d74485e8cae074b7"`},
		{`States.Hash('input data', 'SHA-256')`, `"b4a697a057313163aee33cd8d40c66e9f0f177e00cac2de32475ffff6169c3e3"`},
		{`States.Hash('input data', 'SHA-384')`, `"d28a7d5cf25a74f11a50a18452b75e04bb3d70c9dd0510d6123aa008c756511b87525bdc835ebb27e1fb9e9374a15562"`},
		{`States.Hash('input data', 'SHA-512')`, `"6ce4adb348546d4f449c4d25aad9a7c9cb711d9e91982d3f0b29ca2f3f47d4ce2deba23bf2954f0f1d593fc50283731a533d30d425402d4f91316d871303aac4"`},
		{`States.JsonMerge($.a, $.b, false)`, `{"a":{"a3":1},"b":2,"c":3}`},
		{`States.StringToJson($.escaped)`, `{"foo":"bar"}`},
		{`States.StringToJson('1.50')`, `1.50`},
		{`States.StringToJson($.empty)`, `null`},
		{`States.StringToJson(' ')`, `null`},
		{`States.JsonToString($.object)`, `"{\"foo\":\"bar\",\"n\":[1,null]}"`},
		{`States.JsonToString($.name)`, `"\"Arnav\""`},
		{`States.JsonToString('<&>')`, `"\"<&>\""`},
		{`States.MathAdd($.number, -1)`, `110`},
		{`States.MathAdd(1.49, 1.5)`, `3`},
		{`States.MathAdd($.half, 0)`, `-1`},
		{`States.MathAdd(-1.51, 0)`, `-2`},
		{`States.MathRandom(1, 999)`, `500`},
		{`States.MathRandom(-10, 0)`, `-5`},
		{`States.StringSplit('1,2,3', ',')`, `["1","2","3"]`},
		{`States.StringSplit('This.is+a,test=string', '.+,=')`, `["This","is","a","test","string"]`},
		{`States.StringSplit(',,a,,', ',')`, `["a"]`},
		{`States.StringSplit('ab', '')`, `["ab"]`},
		{`States.UUID()`, `"6d6f2ab4-0000-4000-8000-000000000001"`},
		{`States.Format('Hello, my name is {}.', $.name)`, `"Hello, my name is Arnav."`},
		{`States.Format($.template, $.name)`, `"Hello, my name is Arnav."`},
		{`States.Format('{} {} {} {}', null, 1.10, true, $.object)`, `"null 1.10 true {foo=bar, n=[1, null]}"`},
		{`States.Format('nothing')`, `"nothing"`},
		{`States.Format('it\'s \{\} \\ {}', '\{\'\}\\')`, `"it's {} \\ {'}\\"`},
		{`States.Format('{"a":{}}', 1)`, `"{\"a\":1}"`},
		{`States.Format('{}, {}', States.MathAdd(1, 2), States.ArrayGetItem(States.StringSplit($.text, ',.'), 2))`, `"3, 3"`},
		{`States.StringToJson('{"a": "b"}')`, `{"a":"b"}`},
		{`States.Array( $.name ,$.number , 'a, b)' )`, `["Arnav",111,"a, b)"]`},
		{`States.Array($$.Task, $v[0], $.list[?(@ > 8)])`, `["t","w",[9]]`},
	} {
		t.Run(c.call, func(t *testing.T) {
			t.Parallel()
			got, err := call(t, c.call, scope(t))
			if err != nil {
				t.Fatal(err)
			}
			checkValue(t, got, c.want)
		})
	}
}

func scope(t rapid.TB) asl.Scope {
	t.Helper()
	return asl.Scope{
		Input:     value(t, arguments),
		Context:   map[string]any{"Task": "t"},
		Variables: map[string]any{"v": []any{"w"}},
		Random:    func() float64 { return 0.5 },
		NewUUID:   func() string { return "6d6f2ab4-0000-4000-8000-000000000001" },
	}
}

// call evaluates an intrinsic function as the value of a template's field.
func call(t rapid.TB, source string, scope asl.Scope) (any, error) {
	t.Helper()
	filled, err := template(t, `{"f.$":`+text(t, source)+`}`).Evaluate(scope)
	if err != nil {
		return nil, err
	}
	return filled.(map[string]any)["f"], nil
}

func TestAnIntrinsicFunctionThatCannotDoItsWorkFails(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ call, cause string }{
		{`States.ArrayPartition($.list, 0)`, "the size of a part must be positive"},
		{`States.ArrayPartition($.name, 1)`, `argument 1 must be an array, but is a string: "Arnav"`},
		{`States.ArrayPartition($.list, 'x')`, `argument 2 must be a number, but is a string: "x"`},
		{`States.ArrayContains(1, 1)`, "argument 1 must be an array, but is a number: 1"},
		{`States.ArrayRange(1, 1000000, 1)`, "more than 1000 items"},
		{`States.ArrayRange(1, 9, 0)`, "the step must not be 0"},
		{`States.ArrayRange(null, 9, 1)`, "argument 1 must be a number, but is null"},
		{`States.ArrayGetItem($.list, 9)`, "the index 9 is out of the array's bounds, 0 to 8"},
		{`States.ArrayGetItem($.list, -1)`, "out of the array's bounds"},
		{`States.ArrayLength($.name)`, "argument 1 must be an array"},
		{`States.ArrayUnique($.name)`, "argument 1 must be an array"},
		{`States.Base64Encode(1)`, "argument 1 must be a string"},
		{`States.Base64Encode($.long)`, "more than 10000 characters"},
		{`States.Base64Decode('***')`, "the string is no Base64"},
		{`States.Base64Decode($.long)`, "more than 10000 characters"},
		{`States.Hash('x', 'CRC')`, `the algorithm "CRC" is none of MD5`},
		{`States.Hash('x', 1)`, "argument 2 must be a string"},
		{`States.Hash($.long, 'MD5')`, "more than 10000 characters"},
		{`States.JsonMerge($.a, $.b, true)`, "deep merging is not supported"},
		{`States.JsonMerge($.a, $.b, 0)`, "argument 3 must be a boolean"},
		{`States.JsonMerge($.a, 1, false)`, "argument 2 must be an object"},
		{`States.JsonMerge(1, $.a, false)`, "argument 1 must be an object"},
		{`States.StringToJson('{')`, "the string is no JSON"},
		{`States.StringToJson($.object)`, "argument 1 must be a string"},
		{`States.MathAdd(2147483647, 1)`, "the sum must be between -2147483648 and 2147483647"},
		{`States.MathAdd(9e99, 1)`, "argument 1 must be between"},
		{`States.MathAdd($.name, 1)`, "argument 1 must be a number"},
		{`States.MathRandom(5, 5)`, "the start 5 must be less than the end 5"},
		{`States.StringSplit(1, ',')`, "argument 1 must be a string"},
		{`States.Format('{} {}', 1)`, "there are 2 places {} for 1 values"},
		{`States.Format('{}', 1, 2)`, "there are 1 places {} for 2 values"},
		{`States.Format(1)`, "argument 1 must be a string"},
	} {
		scope := scope(t)
		scope.Input.(map[string]any)["long"] = strings.Repeat("é", 10_001)
		_, err := call(t, c.call, scope)
		checkRuntimeError(t, err, asl.ErrorIntrinsicFailure, c.cause)
		checkRuntimeError(t, err, asl.ErrorIntrinsicFailure, "The function '"+c.call+"' had the following error: ")
	}
}

func TestASeedGivesTheSameNumberAgain(t *testing.T) {
	t.Parallel()
	first, err := call(t, `States.MathRandom(1, 1000000, 7)`, asl.Scope{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := call(t, `States.MathRandom(1, 1000000, 7)`, asl.Scope{})
	if err != nil || first != second {
		t.Errorf("got %v and %v (%v)", first, second, err)
	}
	_, err = call(t, `States.MathRandom(1, 2)`, asl.Scope{})
	checkRuntimeError(t, err, asl.ErrorIntrinsicFailure, "no source of random numbers")
}

func TestWhatIsNoIntrinsicFunctionIsRefused(t *testing.T) {
	t.Parallel()
	nested := strings.Repeat("States.Array(", 10) + "States.UUID()" + strings.Repeat(")", 10)
	for source, want := range map[string]string{
		`States.Nope()`:                    "there is no intrinsic function States.Nope",
		`States.Format`:                    "the brackets of an intrinsic function are missing",
		`States.UUID() `:                   `' ' is unexpected`,
		`States.UUID(1)`:                   "States.UUID takes 0 arguments, not 1",
		`States.Format()`:                  "States.Format takes at least 1 arguments, not 0",
		`States.MathRandom(1)`:             "States.MathRandom takes 2 or 3 arguments, not 1",
		`States.Array(1`:                   "it ends too early",
		`States.Array(1,`:                  "it ends too early",
		`States.Array(1,)`:                 `')' is unexpected`,
		`States.Array(,1)`:                 `',' is unexpected`,
		`States.Array(1 2)`:                `'2' is unexpected`,
		`States.Array(bare)`:               `"bare" is no argument: a string stands in apostrophes`,
		`States.Array("x")`:                `'"' is unexpected`,
		`States.Array('x)`:                 "the apostrophe at character 14 is not closed",
		`States.Array('a\b')`:              `the backslash at character 16 escapes nothing`,
		`States.Array('a\`:                 `escapes nothing`,
		`States.Array(1.)`:                 `"1." is no number`,
		`States.Array($.a[)`:               "unexpected",
		`States.Array(States.Nope())`:      "there is no intrinsic function States.Nope",
		`States.ArrayLength($.a.length())`: "the function length() is not supported in paths",
		nested:                             "a field has at most 10 intrinsic functions",
		`Format('x')`:                      "it begins neither with $ nor with the name of a function",
	} {
		found := problems(t, machineOf(`"Type":"Pass","End":true,"Parameters":{"a":[{"f.$":`+text(t, source)+`}]}`))
		if len(found) != 1 || found[0].Location != "/States/S/Parameters/a[0]" || !strings.Contains(found[0].Message, want) ||
			!strings.Contains(found[0].Message, "The value for the field 'f.$' must be a valid JSONPath or a valid intrinsic function call") {
			t.Errorf("%s: got %v, want %s", source, found, want)
		}
	}
}
