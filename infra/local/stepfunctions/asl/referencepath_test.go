package asl_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/infra/local/stepfunctions/asl"
)

func resultPath(t rapid.TB, path string) *asl.ReferencePath {
	t.Helper()
	return parse(t, machineOf(`"Type":"Pass","End":true,"ResultPath":`+text(t, path))).States["S"].ResultPath
}

func TestAResultIsPutInItsPlace(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ path, input, want string }{
		{`$`, `{"a":1}`, `"new"`},
		{`$.a`, `{"a":1,"b":2}`, `{"a":"new","b":2}`},
		{`$.c`, `{"a":1}`, `{"a":1,"c":"new"}`},
		{`$.a.b.c`, `{}`, `{"a":{"b":{"c":"new"}}}`},
		{`$.a.b`, `{"a":{"x":1}}`, `{"a":{"x":1,"b":"new"}}`},
		{`$['a b']`, `{}`, `{"a b":"new"}`},
		{`$.list[1]`, `{"list":[1,2]}`, `{"list":[1,"new"]}`},
		{`$.list[0].x.y`, `{"list":[{"z":1}]}`, `{"list":[{"z":1,"x":{"y":"new"}}]}`},
		{`$[0]`, `[1,2]`, `["new",2]`},
		// The specification's example, "ResultPath".
		{`$.sum`, `{"title":"Numbers to add","numbers":[3,4]}`, `{"title":"Numbers to add","numbers":[3,4],"sum":"new"}`},
	} {
		input := value(t, c.input)
		got, err := resultPath(t, c.path).Put(input, "new")
		if err != nil {
			t.Errorf("%s: %v", c.path, err)
			continue
		}
		checkValue(t, got, c.want)
		checkValue(t, input, c.input)
	}
}

func TestAResultThatHasNoPlaceFails(t *testing.T) {
	t.Parallel()
	for path, input := range map[string]string{
		`$.a`: `[1]`, `$.a.b`: `{"a":"text"}`, `$.a.b.c`: `{"a":{"b":null}}`, `$.list[1]`: `{"list":[1]}`, `$.a[0]`: `{}`, `$[0]`: `{"a":1}`, `$.x`: `"text"`,
	} {
		_, err := resultPath(t, path).Put(value(t, input), 1)
		checkRuntimeError(t, err, asl.ErrorResultPathMatchFailure, "The ResultPath '"+path+"' cannot be applied")
	}
}

func TestANullResultPathDiscardsTheResult(t *testing.T) {
	t.Parallel()
	path := parse(t, machineOf(`"Type":"Pass","End":true,"ResultPath":null`)).States["S"].ResultPath
	got, err := path.Put("input", "result")
	if _, there := path.Get("input"); err != nil || got != "input" || !path.IsNull() || path.String() != "null" || there {
		t.Error(got, err, path, there)
	}
}

func TestAReferencePathSelectsOnePlace(t *testing.T) {
	t.Parallel()
	// Those of the specification, "Reference Paths".
	for _, path := range []string{
		`$.store.book`, `$.store\.book`, `$.\stor\e.boo\k`, `$.store.book.title`, `$.foo.\.bar`, `$.foo\@bar.baz\[\[.\?pretty`, "$.&Ж中.\U00010346",
		`$.ledgers.branch[0].pending.count`, `$.ledgers.branch[0]`, `$.ledgers[0][22].pending`, `$['store']['book']`, `$['store'][0]['book']`,
	} {
		resultPath(t, path)
	}
	for _, path := range []string{
		`$.a[*]`, `$.a.*`, `$..a`, `$.a[0,1]`, `$.a[1:]`, `$['a','b']`, `$.a[?(@.b)]`, `$.a@b`, `$.a?`, `$.a:b`, `$.a[-1]`, `$$.a`, `$var`, `$var.a`, `a`,
	} {
		found := problems(t, machineOf(`"Type":"Pass","End":true,"ResultPath":`+text(t, path)))
		if len(found) != 1 || !strings.Contains(found[0].Message, "Value is not a Reference Path: "+path) || found[0].Location != "/States/S/ResultPath" {
			t.Errorf("%s: got %v", path, found)
		}
	}
}

// What is put is got, and all else stays as it was.
func TestWhatIsPutIsGot(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		input := documents().Draw(t, "document")
		step := rapid.SampledFrom([]string{".a", ".b", "['c d']", "[0]", "[1]"})
		path := resultPath(t, "$"+strings.Join(rapid.SliceOfN(step, 0, 4).Draw(t, "steps"), ""))
		other := resultPath(t, "$"+strings.Join(rapid.SliceOfN(step, 1, 4).Draw(t, "other"), ""))
		before := text(t, input)
		otherBefore, otherThere := other.Get(input)
		changed, err := path.Put(input, "put")
		if text(t, input) != before {
			t.Fatal("the document has changed")
		}
		if err != nil {
			if _, there := path.Get(input); there {
				t.Fatalf("a place that is there takes no value: %v", err)
			}
			return
		}
		if got, there := path.Get(changed); !there || got != "put" {
			t.Fatalf("got %v %t", got, there)
		}
		if p, o := path.String(), other.String(); strings.HasPrefix(p, o) || strings.HasPrefix(o, p) || !otherThere {
			return
		}
		if got, there := other.Get(changed); !there || cmp.Diff(otherBefore, got) != "" {
			t.Fatal(fmt.Sprint(other, " was ", otherBefore, " and is ", got))
		}
	})
}
