package command

import (
	"regexp"
	"strings"
)

// members are what the functions' errors tell whoever writes JSON to give, and the flags
// that say the same.
var members = strings.NewReplacer(
	`"allow_empty": true`, "--allow-empty",
	"give from and to, or last_days", "give --from and --to, or --last-days",
)

// inFlags says a function's error as one who types commands has to read it.
func inFlags(message string) string { return members.Replace(message) }

// A refused request begins and ends with what is said to whoever writes JSON.
var (
	refusedRequest = regexp.MustCompile(`^the request cannot be planned: (.*); want, for instance, \{.*$`)
	memberOfDay    = regexp.MustCompile(`\b(from|to) (\d{4}-\d\d-\d\d)`)
)

// requestInFlags says what the planner refuses of a request in the flags of `backfill`.
func requestInFlags(message string) string {
	return memberOfDay.ReplaceAllString(inFlags(refusedRequest.ReplaceAllString(message, "$1")), "--$1 $2")
}
