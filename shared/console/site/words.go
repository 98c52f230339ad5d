package site

import "strings"

// word is how a state is called and drawn. Kind is its class in site.css, which
// gives the colour; the icon tells it without.
type word struct {
	Label, Kind, Icon string
}

// words are the states of everything that the console shows, by their names in
// lower case: data, attempts, executions, health, schedules.
var words = map[string]word{
	"materialized": {"Materialized", "state--materialized", "check"},
	"stale":        {"Stale", "state--stale", "stale"},
	"missing":      {"Missing", "state--missing", "dashed"},
	"waived":       {"Waived", "state--waived", "slash"},

	"queued":    {"Queued", "attempt--queued", "dots"},
	"pending":   {"Waiting", "attempt--queued", "dots"},
	"running":   {"Running", "attempt--running", "spin"},
	"succeeded": {"Succeeded", "attempt--succeeded", "check"},
	"failed":    {"Failed", "attempt--failed", "cross"},
	"cancelled": {"Cancelled", "attempt--cancelled", "stop"},

	"aborted":         {"Cancelled", "attempt--cancelled", "stop"}, // Step Functions' word for it
	"gone":            {"Execution gone", "state--missing", "dashed"},
	"not_run":         {"Not run", "attempt--queued", "dashed"},
	"timed_out":       {"Timed out", "attempt--failed", "cross"},
	"pending_redrive": {"About to be redriven", "attempt--queued", "dots"},
	"redriven":        {"Redriven", "attempt--queued", "dots"},

	"up":       {"Up", "attempt--succeeded", "check"},
	"down":     {"Down", "attempt--failed", "cross"},
	"degraded": {"Degraded", "state--stale", "stale"},
	"unknown":  {"Unknown", "state--missing", "dashed"},
	"enabled":  {"On", "attempt--succeeded", "check"},
	"disabled": {"Off", "attempt--cancelled", "stop"},
}

// wordFor knows every state, also one that is yet to come.
func wordFor(state string) word {
	name := strings.ToLower(strings.TrimSpace(state))
	if known, ok := words[name]; ok {
		return known
	}
	if name == "" {
		return word{"None", "state--missing", "dashed"}
	}
	label := strings.ReplaceAll(name, "_", " ")
	return word{strings.ToUpper(label[:1]) + label[1:], "state--waived", "dashed"}
}
