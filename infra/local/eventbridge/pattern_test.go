package eventbridge_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"delfos/infra/local/eventbridge"
)

// The event is of the kind that the stack has most of.
const event = `{
	"version": "0", "id": "1", "detail-type": "Step Functions Execution Status Change", "source": "aws.states",
	"account": "123456789012", "time": "2026-02-26T01:02:03Z", "region": "eu-west-1", "resources": ["arn:one", "arn:two"],
	"detail": {"status": "FAILED", "name": "Run-7", "count": 3, "big": 6000000000, "none": null, "flag": true, "list": [1, "a"], "empty": [],
		"steps": [{"name": "a", "ok": true}, {"name": "b", "ok": false}]}
}`

// The semantics are those of the EventBridge User Guide, "Event pattern comparison
// operators".
func TestPatternsMatchAsOnAWS(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		`{"source":["aws.states"]}`:                                                                 true,
		`{"source":["aws.ec2","aws.states"]}`:                                                       true,
		`{"source":["aws.ec2"]}`:                                                                    false,
		`{"source":["aws.states"],"detail":{"status":["RUNNING"]}}`:                                 false,
		`{"source":["aws.states"],"detail":{"status":["FAILED","ABORTED"]}}`:                        true,
		`{"resources":["arn:two"]}`:                                                                 true,
		`{"resources":["arn:three"]}`:                                                               false,
		`{"resources":[{"prefix":"arn:t"}]}`:                                                        true,
		`{"detail":{"count":[3]}}`:                                                                  true,
		`{"detail":{"count":[3.0]}}`:                                                                false,
		`{"detail":{"count":["3"]}}`:                                                                false,
		`{"detail":{"none":[null]}}`:                                                                true,
		`{"detail":{"missing":[null]}}`:                                                             false,
		`{"detail":{"flag":[true]}}`:                                                                true,
		`{"detail":{"list":["a"]}}`:                                                                 true,
		`{"detail":{"status":{"deeper":["FAILED"]}}}`:                                               false,
		`{"detail":["FAILED"]}`:                                                                     false,
		`{"detail":{"steps":{"name":["b"],"ok":[false]}}}`:                                          true,
		`{"detail":{"steps":{"name":["a"],"ok":[false]}}}`:                                          false,
		`{"detail":{"status":[{"prefix":"FAI"}]}}`:                                                  true,
		`{"detail":{"status":[{"prefix":"fai"}]}}`:                                                  false,
		`{"detail":{"status":[{"prefix":{"equals-ignore-case":"fai"}}]}}`:                           true,
		`{"detail":{"status":[{"suffix":"ED"}]}}`:                                                   true,
		`{"detail":{"status":[{"suffix":{"equals-ignore-case":"ed"}}]}}`:                            true,
		`{"detail":{"count":[{"prefix":"3"}]}}`:                                                     false,
		`{"detail":{"status":[{"equals-ignore-case":"failed"}]}}`:                                   true,
		`{"detail":{"name":[{"wildcard":"R*-*"}]}}`:                                                 true,
		`{"detail":{"name":[{"wildcard":"R*-8"}]}}`:                                                 false,
		`{"detail":{"name":[{"wildcard":"Run-7"}]}}`:                                                true,
		`{"detail":{"name":[{"wildcard":"*\\*"}]}}`:                                                 false,
		`{"detail":{"status":[{"anything-but":"FAILED"}]}}`:                                         false,
		`{"detail":{"status":[{"anything-but":["SUCCEEDED","RUNNING"]}]}}`:                          true,
		`{"detail":{"count":[{"anything-but":[1,2]}]}}`:                                             true,
		`{"detail":{"missing":[{"anything-but":"x"}]}}`:                                             false,
		`{"detail":{"status":[{"anything-but":{"prefix":"FAI"}}]}}`:                                 false,
		`{"detail":{"status":[{"anything-but":{"prefix":["FAI","X"]}}]}}`:                           false,
		`{"detail":{"status":[{"anything-but":{"suffix":"x"}}]}}`:                                   true,
		`{"detail":{"status":[{"anything-but":{"equals-ignore-case":["failed"]}}]}}`:                false,
		`{"detail":{"status":[{"anything-but":{"wildcard":"F*D"}}]}}`:                               false,
		`{"detail":{"status":[{"exists":true}]}}`:                                                   true,
		`{"detail":{"none":[{"exists":true}]}}`:                                                     true,
		`{"detail":{"missing":[{"exists":true}]}}`:                                                  false,
		`{"detail":{"missing":[{"exists":false}]}}`:                                                 true,
		`{"detail":{"status":[{"exists":false}]}}`:                                                  false,
		`{"detail":[{"exists":true}]}`:                                                              false, // it looks at values, not at objects
		`{"nothing":{"inside":[{"exists":false}]}}`:                                                 true,
		`{"detail":{"missing":["x",{"exists":false}]}}`:                                             true,
		`{"detail":{"count":[{"numeric":["=",3.0]}]}}`:                                              true,
		`{"detail":{"count":[{"numeric":[">",0,"<=",3]}]}}`:                                         true,
		`{"detail":{"count":[{"numeric":[">=",1,"<",3]}]}}`:                                         false,
		`{"detail":{"count":[{"numeric":["<",0]}]}}`:                                                false,
		`{"detail":{"big":[{"numeric":[">",0]}]}}`:                                                  false, // beyond what it compares
		`{"detail":{"status":[{"numeric":[">",0]}]}}`:                                               false,
		`{"$or":[{"source":["x"]},{"detail":{"count":[3]}}]}`:                                       true,
		`{"$or":[{"source":["x"]},{"detail":{"count":[4]}}]}`:                                       false,
		`{"source":["x"],"$or":[{"source":["aws.states"]},{"region":["eu-west-1"]}]}`:               false,
		`{"detail":{"$or":[{"status":["RUNNING"]},{"count":[{"numeric":[">",2]}]}]}}`:               true,
		`{"detail":{"empty":[{"exists":true}]}}`:                                                    false,
		`{"detail-type":["Step Functions Execution Status Change"],"account":["1","123456789012"]}`: true,
	} {
		t.Run(pattern, func(t *testing.T) {
			t.Parallel()
			parsed, err := eventbridge.ParsePattern(pattern)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := parsed.Matches([]byte(event)); err != nil || got != want {
				t.Errorf("%v, %v; want %v", got, err, want)
			}
		})
	}
}

func TestBadPatternsAreRefusedByPlace(t *testing.T) {
	t.Parallel()
	for pattern, says := range map[string]string{
		``:                                   "not JSON",
		`[]`:                                 "not a JSON object",
		`{} {}`:                              "follows",
		`{}`:                                 "empty objects",
		`{"detail":{}}`:                      "detail: empty objects",
		`{"detail":{"status":"FAILED"}}`:     "detail.status: want an object or a list",
		`{"detail":{"status":[]}}`:           "detail.status: empty lists",
		`{"detail":{"status":[["FAILED"]]}}`: "lists within lists",
		`{"detail":{"status":[{}]}}`:         "one operator",
		`{"detail":{"status":[{"prefix":"a","suffix":"b"}]}}`:                     "one operator",
		`{"detail":{"status":[{"cidr":"10.0.0.0/8"}]}}`:                           `operator "cidr"`,
		`{"detail":{"status":[{"regex":"a"}]}}`:                                   `operator "regex"`,
		`{"detail":{"status":[{"prefix":3}]}}`:                                    "prefix: want a string",
		`{"detail":{"status":[{"prefix":""}]}}`:                                   "prefix: want a string",
		`{"detail":{"status":[{"suffix":{"x":"y"}}]}}`:                            "suffix: want a string",
		`{"detail":{"status":[{"exists":"yes"}]}}`:                                "exists: want true or false",
		`{"detail":{"status":[{"anything-but":[]}]}}`:                             "anything-but: empty",
		`{"detail":{"status":[{"anything-but":[true]}]}}`:                         "anything-but: want strings or numbers",
		`{"detail":{"status":[{"anything-but":{"numeric":1}}]}}`:                  `operator "numeric"`,
		`{"detail":{"status":[{"anything-but":{}}]}}`:                             "anything-but: want one operator",
		`{"detail":{"count":[{"numeric":">0"}]}}`:                                 "numeric: want a list",
		`{"detail":{"count":[{"numeric":[">"]}]}}`:                                "numeric: want a list",
		`{"detail":{"count":[{"numeric":["!",1]}]}}`:                              "numeric: want one of",
		`{"detail":{"count":[{"numeric":["<",1,">",0]}]}}`:                        "numeric: want one of",
		`{"detail":{"count":[{"numeric":["",1,"",0]}]}}`:                          "numeric: want one of",
		`{"detail":{"count":[{"numeric":[">","0"]}]}}`:                            "numeric: want numbers",
		`{"detail":{"count":[{"numeric":[">",6e9]}]}}`:                            "numeric: want numbers",
		`{"detail":{"name":[{"wildcard":"a**"}]}}`:                                "two stars",
		`{"detail":{"name":[{"wildcard":"a\\b"}]}}`:                               "backslash",
		`{"$or":[{"source":["a"]}]}`:                                              "$or: want a list of two",
		`{"$or":["a","b"]}`:                                                       "$or: want a list of patterns",
		`{"a":` + strings.Repeat(`{"a":`, 60) + `["b"]` + strings.Repeat("}", 61): "deeper",
		`{"a":["` + strings.Repeat("x", 2048) + `"]}`:                             "at most 2048",
	} {
		t.Run(pattern[:min(len(pattern), 80)], func(t *testing.T) {
			t.Parallel()
			_, err := eventbridge.ParsePattern(pattern)
			if _, ok := errors.AsType[*eventbridge.PatternError](err); !ok || !strings.Contains(err.Error(), says) {
				t.Errorf("%v, want %q", err, says)
			}
		})
	}
}

func TestAValueIsEitherInAListOrAnythingBut(t *testing.T) {
	t.Parallel()
	words := rapid.SliceOfN(rapid.StringMatching(`[a-c]{1,2}`), 1, 4)
	rapid.Check(t, func(r *rapid.T) {
		list, value := words.Draw(r, "list"), rapid.StringMatching(`[a-c]{1,2}`).Draw(r, "value")
		in, out := match(r, map[string]any{"k": list}, value), match(r, map[string]any{"k": []any{map[string]any{"anything-but": list}}}, value)
		if in == out {
			r.Fatalf("%q in %q: %v, anything but: %v", value, list, in, out)
		}
	})
}

func match(t rapid.TB, pattern any, value string) bool {
	text, _ := json.Marshal(pattern)
	parsed, err := eventbridge.ParsePattern(string(text))
	if err != nil {
		t.Fatal(err)
	}
	document, _ := json.Marshal(map[string]string{"k": value})
	matches, err := parsed.Matches(document)
	if err != nil {
		t.Fatal(err)
	}
	return matches
}

func FuzzPattern(f *testing.F) {
	for _, seed := range []string{
		`{"source":["aws.states"],"detail":{"status":[{"anything-but":["RUNNING"]}]}}`, `{"detail":{"count":[{"numeric":[">",0,"<=",5]}]}}`,
		`{"$or":[{"a":[1]},{"b":[{"exists":false}]}]}`, `{"a":[{"wildcard":"a*\\*b"}]}`, `{"a":[{"prefix":{"equals-ignore-case":"x"}}]}`, `{"a":[null,true,1e5]}`,
	} {
		f.Add(seed, event)
		f.Add(seed, `{"a":[[1,{"b":2}],"x"],"b":null}`)
	}
	f.Fuzz(func(t *testing.T, pattern, document string) {
		parsed, err := eventbridge.ParsePattern(pattern)
		if err != nil {
			if _, ok := errors.AsType[*eventbridge.PatternError](err); !ok {
				t.Errorf("%T: %v", err, err)
			}
			return
		}
		first, err := parsed.Matches([]byte(document))
		if again, _ := parsed.Matches([]byte(document)); err == nil && first != again {
			t.Error("it matches once and not again")
		}
	})
}
