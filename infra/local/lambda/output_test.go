package lambda

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func FuzzALineSplitterDoesNotMindHowItsInputIsCut(f *testing.F) {
	f.Add("one\ntwo\n\nthreeMARK\nfour", uint(3), uint(9))
	f.Add("as long as allowed\nlonger than allowedMARK\nMARK\n", uint(38), uint(2))
	f.Fuzz(func(t *testing.T, text string, first, second uint) {
		whole, wholeMarks := splitAll(text)
		cut := int(first % uint(len(text)+1))
		cutAgain := cut + int(second%uint(len(text)-cut+1))
		parts, partMarks := splitAll(text[:cut], text[cut:cutAgain], text[cutAgain:])
		if diff := cmp.Diff(whole, parts); diff != "" || wholeMarks != partMarks {
			t.Error(diff, wholeMarks, partMarks)
		}
		if want := strings.Count(text, "MARK\n"); wholeMarks != want {
			t.Errorf("%d marks, want %d", wholeMarks, want)
		}
		for _, line := range whole {
			if line == "" || len(line) > 18 || strings.Contains(line, "\n") {
				t.Errorf("line %q", line)
			}
		}
	})
}

func splitAll(chunks ...string) (lines []string, marks int) {
	splitter := lineSplitter{mark: []byte("MARK"), limit: 18}
	for _, chunk := range chunks {
		some, found := splitter.split([]byte(chunk))
		lines, marks = append(lines, some...), marks+found
	}
	return append(lines, splitter.rest()...), marks
}
