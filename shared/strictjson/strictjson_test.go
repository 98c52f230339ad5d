package strictjson_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"delfos/shared/strictjson"
)

func Example() {
	o, err := strictjson.Parse([]byte(`{"order":"upwards","at_once":0,"Comment":"hello"}`), 1024)
	if err != nil {
		panic(err)
	}
	o.OneOf("order", "oldest", "newest")
	o.Int("at_once", 1, 100, 4)
	fmt.Println(strings.ReplaceAll(o.Err().Error(), "; ", "\n"))
	// Output:
	// "Comment": there is no such member
	// want some of order, at_once
	// order: it is "upwards"
	// want oldest or newest, or leave it out
	// at_once: it is 0
	// want a whole number from 1 to 100, or leave it out
}

func TestWhatIsNotThereIsTheDefault(t *testing.T) {
	t.Parallel()
	o, err := strictjson.Parse([]byte(`{}`), 2)
	if err != nil {
		t.Fatal(err)
	}
	parsed := strictjson.Parsed(o, "e", "a word", func(string) (int, error) { return 0, errors.New("nobody asked") })
	if o.Text("a", 1) != "" || o.OneOf("b", "x", "y") != "x" || o.Int("c", 1, 2, 7) != 7 || o.Member("d") != nil || parsed != 0 {
		t.Error("want the defaults")
	}
	if err := o.Err(); err != nil {
		t.Error(err)
	}
}

func TestWhatIsThereIsRead(t *testing.T) {
	t.Parallel()
	o, err := strictjson.Parse([]byte(` {"a":"é","b":"y","c":2,"d":[{}],"e":"word"} `), 100)
	if err != nil {
		t.Fatal(err)
	}
	parsed := strictjson.Parsed(o, "e", "a word", func(text string) (int, error) { return len(text), nil })
	if o.Text("a", 1) != "é" || o.OneOf("b", "x", "y") != "y" || o.Int("c", 1, 2, 7) != 2 || string(o.Member("d")) != "[{}]" || parsed != 4 {
		t.Error("want what is there")
	}
	if err := o.Err(); err != nil {
		t.Error(err)
	}
}

func TestATextThatCouldControlATerminalIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{`\u001b[31m`, `two\nlines`, `\u0000`, `\u009b`} {
		o, err := strictjson.Parse([]byte(`{"a":"`+text+`"}`), 100)
		if err != nil {
			t.Fatal(err)
		}
		if got := o.Text("a", 10); got != "" || o.Err() == nil || !strings.Contains(o.Err().Error(), "a: it has a control character") {
			t.Errorf("%s: %q, %v", text, got, o.Err())
		}
	}
}

func TestAValueIsBriefInAnError(t *testing.T) {
	t.Parallel()
	o, err := strictjson.Parse([]byte(`{"a":"`+strings.Repeat("é", 5000)+`","`+strings.Repeat("x", 5000)+`":1}`), 64<<10)
	if err != nil {
		t.Fatal(err)
	}
	o.Int("a", 0, 1, 0)
	if err := o.Err(); err == nil || len(err.Error()) > 500 || !strings.Contains(err.Error(), "é…") || !strings.Contains(err.Error(), "x…") {
		t.Error(err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{`{}`, `{"a":1,"b":[{"c":null}]}`, `{"a":1,"a":2}`, `{"a":1,}`, `{"a" 1}`, `{a:1}`, `[]`, ``, `{} x`, `{"\ud800":""}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		o, err := strictjson.Parse(raw, 1<<20)
		var want map[string]json.RawMessage
		if valid := json.Unmarshal(raw, &want) == nil && want != nil; valid != (err == nil) {
			t.Fatalf("%q: valid: %v, but %v", raw, valid, err)
		}
		if err != nil {
			return
		}
		for name, value := range want {
			if string(o.Member(name)) != string(value) {
				t.Fatalf("%q: member %q is %q, want %q", raw, name, o.Member(name), value)
			}
			o.Text(name, 3)
			o.Int(name, 0, 9, 0)
		}
		if err := o.Err(); err != nil && !utf8.ValidString(err.Error()) {
			t.Fatalf("%q: the error is %q", raw, err)
		}
	})
}
