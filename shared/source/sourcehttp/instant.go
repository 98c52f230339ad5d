package sourcehttp

import (
	"errors"
	"regexp"
	"strings"
	"time"
)

var instantShape = regexp.MustCompile(
	`^\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?)?$`)

// errInstant says what can be written where an instant is wanted.
var errInstant = errors.New("want RFC 3339, as 2026-02-20T00:00:00Z (a + in an offset is %2B in a query), " +
	"or YYYY-MM-DD, or YYYY-MM-DD HH:MM:SS in UTC; with at most 6 digits of a fraction, in the years 0001 to 9999")

// parseInstant reads an instant as errInstant says, to the microsecond. What has
// no offset is in UTC, and a day alone is its midnight.
func parseInstant(text string) (time.Time, error) {
	if !instantShape.MatchString(text) {
		return time.Time{}, errInstant
	}
	layout := time.DateOnly
	if len(text) > len(layout) {
		layout = "2006-01-02T15:04:05"
		text = strings.Replace(text, " ", "T", 1)
		if strings.ContainsAny(text[len(layout):], "Z+-") {
			layout = time.RFC3339
		}
	}
	t, err := time.Parse(layout, text)
	if err != nil || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return time.Time{}, errInstant
	}
	return t.UTC(), nil
}
