package target

import (
	"context"
	"errors"
	"slices"
)

// errUnknownSignals says that some signal has no id yet. Ids are read in each
// transaction, at no cost, rather than remembered: a database made anew behind a
// warm process may have given them to other signals.
var errUnknownSignals = errors.New("the rows' signals could not be added to the target: is something deleting them?")

// signals are the names in the rows, each once.
func (p Publication) signals() []string {
	names := []string{}
	seen := map[string]bool{}
	for _, row := range p.Rows {
		if !seen[row.Signal] {
			seen[row.Signal] = true
			names = append(names, row.Signal)
		}
	}
	slices.Sort(names) // concurrent loads add them in one order, and cannot deadlock
	return names
}

// addSignals is a transaction of its own: in the day's, all other days would wait
// for it. It leaves out what is there, so that no id is spent on a conflict.
func (l *Loader) addSignals(ctx context.Context, p Publication) error {
	_, err := l.pool.Exec(ctx, `
		INSERT INTO signal (name)
		SELECT name FROM unnest($1::text[]) AS name WHERE name NOT IN (SELECT signal.name FROM signal)
		ON CONFLICT DO NOTHING`, p.signals())
	return classify("add signals to the target", err)
}
