package lambda

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/logs"
)

func FuzzALineSplitterDoesNotMindHowItsInputIsCut(f *testing.F) {
	f.Add("one\ntwo\n\nthreeMARK\nfour", uint(3), uint(9))
	f.Add(strings.Repeat("x", logs.MaxEventBytes+9)+"MARK\nMARK\n", uint(logs.MaxEventBytes+11), uint(2))
	f.Fuzz(func(t *testing.T, text string, first, second uint) {
		whole, wholeMarks := splitAll(text)
		cut := min(int(first%(1<<20)), len(text))
		cutAgain := min(cut+int(second%(1<<20)), len(text))
		parts, partMarks := splitAll(text[:cut], text[cut:cutAgain], text[cutAgain:])
		if diff := cmp.Diff(whole, parts); diff != "" || wholeMarks != partMarks {
			t.Error(diff, wholeMarks, partMarks)
		}
		for _, line := range whole {
			if line == "" || len(line) > logs.MaxEventBytes || strings.Contains(line, "\n") {
				t.Errorf("line of %d bytes: %.40q", len(line), line)
			}
		}
	})
}

func splitAll(chunks ...string) (lines []string, marks int) {
	splitter := lineSplitter{mark: []byte("MARK")}
	for _, chunk := range chunks {
		some, found := splitter.split([]byte(chunk))
		lines, marks = append(lines, some...), marks+found
	}
	return append(lines, splitter.rest()...), marks
}
