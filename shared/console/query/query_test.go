package query_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"delfos/shared/console/query"
)

func TestWhatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		query string
		want  []string // that the error says; none is no error
	}{
		"nothing":       {"", nil},
		"all":           {"word=a&day=2026-02-21&n=3&text=+x+", nil},
		"empty":         {"word=&day=&n=&text=", nil},
		"another word":  {"word=c", []string{`word: "c" is none of a, b`}},
		"no day":        {"day=2026-02-30", []string{`day: "2026-02-30" is no day that exists`}},
		"no number":     {"n=x", []string{`n: "x" is no whole number from 1 to 5`}},
		"too many":      {"n=6", []string{`n: "6" is no whole number`}},
		"twice":         {"word=a&word=b", []string{"word: it is there 2 times"}},
		"long":          {"text=" + strings.Repeat("x", 3000), []string{"text: it has 3000 bytes"}},
		"unknown":       {"wrod=a", []string{"wrod: there is no such parameter; there are word, day, n, text"}},
		"several wrong": {"word=c&n=9", []string{"word: ", "n: "}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			q := query.Of(httptest.NewRequest(http.MethodGet, "/runs/fragment?"+c.query, nil))
			word, day, n, text := q.OneOf("word", "a", "b"), q.Day("day"), q.Whole("n", 1, 5, 2), q.Text("text")
			err := q.Err()
			if (err == nil) != (len(c.want) == 0) {
				t.Fatalf("got %v", err)
			}
			if name == "all" && (word != "a" || day.String() != "2026-02-21" || n != 3 || text != "x") {
				t.Errorf("got %s %s %d %s", word, day, n, text)
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("got %v, want %s", err, want)
				}
			}
		})
	}
}
