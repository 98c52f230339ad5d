package pipeline

import (
	"context"
	"log/slog"

	"delfos/shared/partition"
)

// Actor is who does something.
type Actor struct {
	Name string // "ana", or "local" where nobody has to say who they are
	Via  string // the front end: "console", "delfos"
}

// String is "ana, by the console".
func (a Actor) String() string {
	name, via := a.Name, a.Via
	if name == "" {
		name = "somebody"
	}
	if via == "" {
		return name
	}
	return name + " with " + via
}

// Started is what an action led to; what does not apply is empty.
type Started struct {
	Partition partition.Key
	RunID     string
	Backfill  string // a name

	// Pending says that the run had not ended in the time that Options.Patience gives
	// it: it goes on, and its record tells how it ends.
	Pending bool
}

// audit leaves the line of an action: who, what, to what, and what came of it.
func (p *Pipeline) audit(ctx context.Context, who Actor, action, target string, led Started, err error) {
	attributes := []slog.Attr{
		slog.String("actor", who.Name), slog.String("via", who.Via),
		slog.String("action", action), slog.String("target", target),
	}
	if led.RunID != "" {
		attributes = append(attributes, slog.String("run_id", led.RunID))
	}
	if led.Backfill != "" {
		attributes = append(attributes, slog.String("backfill_id", led.Backfill))
	}
	level := slog.LevelInfo
	if err != nil {
		level = slog.LevelWarn
		attributes = append(attributes, slog.String("error", err.Error()))
	}
	p.logger.LogAttrs(ctx, level, "audit", attributes...)
}
