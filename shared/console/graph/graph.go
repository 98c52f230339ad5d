// Package graph draws a state machine's definition (Amazon States Language,
// states-language.net/spec.html) and the pipeline as SVG: boxes in layers from top
// to bottom, what a Map or a Parallel holds within its box, and how each state
// stands. It is pure. The SVG has classes and no styles, so that a
// Content-Security-Policy without inline styles takes it and themes colour it.
//
// The classes: .graph is the drawing; .graph-node with --task, --choice, … by type
// and --waiting, --running, … by status; .graph-box, .graph-name, .graph-note,
// .graph-icon, .graph-bar-… within it; .graph-edge with --taken, --back, --catch;
// .graph-label.
package graph

import "html/template"

// Status is how a state, or a station of the pipeline, stands.
type Status string

// The statuses. The zero value is Waiting.
const (
	Waiting   Status = "waiting" // not entered yet
	Running   Status = "running"
	Succeeded Status = "succeeded"
	Failed    Status = "failed"
	Cancelled Status = "cancelled" // entered, and not left: the execution was stopped or timed out
	Unknown   Status = "unknown"   // of a station that does not answer the question
)

// known is the status itself, or Waiting for any that is none of the above.
func (s Status) known() Status {
	switch s {
	case Running, Succeeded, Failed, Cancelled, Unknown:
		return s
	default:
		return Waiting
	}
}

// Live is how one state of an execution stands.
type Live struct {
	Status Status
	Note   string // a few words below the name, "0.4 s"; longer ones are cut
	Title  string // on hover, after name, type and status; may be long
	Counts *Counts
}

// Counts are the items of a Map; they are drawn as a bar.
type Counts struct{ Succeeded, Failed, Cancelled, Running, Total int }

// Draw lays a definition out and draws it with the states' live status, by name; a
// state without one is waiting. The error says what of the definition cannot be
// read; what can be, is drawn, whether or not Step Functions would take it.
func Draw(definition []byte, title string, live map[string]Live) (template.HTML, error) {
	machine, err := parse(definition)
	if err != nil {
		return "", err
	}
	return layOut(machine, true).svg(title, live), nil
}
