package command

import (
	"fmt"
	"strings"
)

// maxTypos is how many letters may be wrong, missing or too many in a word that is
// taken for another.
const maxTypos = 2

// noSuchVerb refuses a word that is no command, and names the one that is meant where
// one is close.
func noSuchVerb(word string) error {
	meant := ":"
	if name := nearestVerb(word); name != "" {
		meant = fmt.Sprintf(": did you mean %q?", name)
	}
	return &usageError{fmt.Sprintf("there is no command %q%s `delfos help` lists them", word, meant)}
}

// nearestVerb is the verb that differs least from a word; "" where each differs in more
// than maxTypos letters or in half of its own.
func nearestVerb(word string) string {
	nearest, least := "", maxTypos+1
	for _, group := range verbGroups() {
		for _, v := range group.verbs {
			name, _, _ := strings.Cut(v.name, " ")
			if d := typos(strings.ToLower(word), name); d < least && 2*d < len(name) {
				nearest, least = name, d
			}
		}
	}
	return nearest
}

// typos is how many letters have to be put in, taken out or replaced to make one word of
// the other (the Levenshtein distance).
func typos(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
