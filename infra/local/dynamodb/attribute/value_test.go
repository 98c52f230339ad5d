package attribute_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"delfos/infra/local/dynamodb/attribute"
)

func decode(t testing.TB, text string) attribute.Map {
	t.Helper()
	var decoded attribute.Map
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

const everyType = `{"b":{"B":"AAH/"},"bool":{"BOOL":false},"bs":{"BS":["AA=="]},"l":{"L":[{"S":""},{"L":[]}]},"m":{"M":{"":{"M":{}}}},"n":{"N":"-1.5"},"ns":{"NS":["1","2"]},"null":{"NULL":true},"s":{"S":"\"é\u0000\n\\"},"ss":{"SS":["b","a"]}}`

func TestEveryTypeComesBackAsItWent(t *testing.T) {
	t.Parallel()
	decoded := decode(t, everyType)
	encoded, err := json.Marshal(decoded)
	if err != nil {
		t.Fatal(err)
	}
	if string(encoded) != everyType {
		t.Errorf("got  %s\nwant %s", encoded, everyType)
	}
	if !attribute.Equal(decoded, decode(t, string(encoded))) {
		t.Error("the value read back is not equal to the first")
	}
}

func TestEqualityKnowsNoOrderOfSetsAndNoFormOfNumbers(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{`{"N":"1.0"}`, `{"N":"1"}`, true},
		{`{"N":"1"}`, `{"S":"1"}`, false},
		{`{"S":"AA=="}`, `{"B":"AA=="}`, false},
		{`{"SS":["a","b"]}`, `{"SS":["b","a"]}`, true},
		{`{"SS":["a","b"]}`, `{"SS":["a","c"]}`, false},
		{`{"SS":["1"]}`, `{"NS":["1"]}`, false},
		{`{"L":[{"N":"1"},{"N":"2"}]}`, `{"L":[{"N":"2"},{"N":"1"}]}`, false},
		{`{"M":{"a":{"N":"1"}}}`, `{"M":{"a":{"N":"1.00"}}}`, true},
		{`{"M":{"a":{"N":"1"}}}`, `{"M":{"a":{"N":"1"},"b":{"N":"1"}}}`, false},
		{`{"NULL":true}`, `{"NULL":true}`, true},
		{`{"BOOL":true}`, `{"BOOL":false}`, false},
	} {
		v := decode(t, `{"a":`+c.a+`,"b":`+c.b+`}`)
		if got := attribute.Equal(v["a"], v["b"]); got != c.want {
			t.Errorf("Equal(%s, %s) = %t", c.a, c.b, got)
		}
	}
}

func TestSizesAreThoseOfTheDeveloperGuide(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int{
		`{"name":{"S":"é"}}`:                    4 + 2,
		`{"n":{"N":"123.45"}}`:                  1 + 4,
		`{"n":{"N":"-1"}}`:                      1 + 3,
		`{"b":{"B":"AAEC"}}`:                    1 + 3,
		`{"t":{"BOOL":true},"z":{"NULL":true}}`: 4,
		`{"l":{"L":[]},"m":{"M":{}}}`:           2 + 6,
		`{"l":{"L":[{"S":"ab"}]}}`:              1 + 3 + 1 + 2,
		`{"m":{"M":{"k":{"S":"ab"}}}}`:          1 + 3 + 1 + 1 + 2,
		`{"ss":{"SS":["ab","c"]}}`:              2 + 3,
	} {
		if got := decode(t, text).Size(); got != want {
			t.Errorf("%s has %d bytes, want %d", text, got, want)
		}
	}
}

// keys draws a pair of scalars of one type.
func keys(t *rapid.T) (a, b attribute.Value) {
	text := rapid.StringOf(rapid.RuneFrom([]rune{0, 1, 'a', 'b', 'é', 0xFFFF}))
	switch rapid.SampledFrom([]string{"S", "B", "N"}).Draw(t, "type") {
	case "S":
		return attribute.String(text.Draw(t, "a")), attribute.String(text.Draw(t, "b"))
	case "B":
		raw := rapid.SliceOfN(rapid.SampledFrom([]byte{0, 1, 'a', 0xFE, 0xFF}), 0, 4)
		return attribute.Binary(raw.Draw(t, "a")), attribute.Binary(raw.Draw(t, "b"))
	default:
		return parse(t, numbers().Draw(t, "a")), parse(t, numbers().Draw(t, "b"))
	}
}

func TestOrderedKeysSortAsTheirValuesWhateverFollows(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := keys(t)
		encodedA, encodedB := attribute.AppendOrdered(nil, a), attribute.AppendOrdered(nil, b)
		want, _ := attribute.Compare(a, b)
		if got := bytes.Compare(encodedA, encodedB); got != sign(want) {
			t.Fatalf("%v and %v are in order %d, their keys in order %d", a, b, want, got)
		}
		if want != 0 && (bytes.HasPrefix(encodedA, encodedB) || bytes.HasPrefix(encodedB, encodedA)) {
			t.Fatalf("the key of one of %v and %v begins with that of the other", a, b)
		}
		text, isText := a.(attribute.String)
		prefix, alsoText := b.(attribute.String)
		if isText && alsoText {
			begins := bytes.HasPrefix(encodedA, attribute.AppendOrderedPrefix(nil, prefix))
			if begins != strings.HasPrefix(string(text), string(prefix)) {
				t.Fatalf("the key of %q begins with that of the prefix %q: %t", text, prefix, begins)
			}
		}
	})
}

func FuzzMapDecodesWhatItEncodes(f *testing.F) {
	f.Add([]byte(everyType))
	f.Add([]byte(`{"a":{"L":[{"M":{"b":{"NS":["1","1.0"]}}}]}}`))
	f.Add([]byte(`{"a":null}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		var decoded attribute.Map
		if json.Unmarshal(text, &decoded) != nil || decoded == nil {
			return
		}
		encoded, err := json.Marshal(decoded)
		if err != nil {
			t.Fatalf("%s is decoded and not encoded: %v", text, err)
		}
		if !attribute.Equal(decoded, decode(t, string(encoded))) {
			t.Errorf("%s is encoded as %s, which is something else", text, encoded)
		}
	})
}
