package e2e

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"
)

// awsTrouble answers as DynamoDB does (DynamoDB Developer Guide, "Error handling
// with DynamoDB").
func awsTrouble(code int, errorType string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		w.WriteHeader(code)
		_ = json.NewEncoder(w).Encode(map[string]string{ // the client may have gone
			"__type": "com.amazonaws.dynamodb.v20120810#" + errorType, "message": "in trouble, for a test",
		})
	}
}

var dynamoDBTroubles = map[string]http.HandlerFunc{
	"throttles the table":   awsTrouble(http.StatusBadRequest, "ProvisionedThroughputExceededException"),
	"throttles the account": awsTrouble(http.StatusBadRequest, "ThrottlingException"),
	"answers 500":           awsTrouble(http.StatusInternalServerError, "InternalServerError"),
	"hangs up":              func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	"stalls":                func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
}

func TestATroubleOfDynamoDBThatPassesIsSeenOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := 0
	for trouble, handler := range dynamoDBTroubles {
		if trouble == "stalls" {
			continue // for as long as the function has: it does not pass
		}
		date := dateOf(day)
		day++
		t.Run(trouble, func(t *testing.T) {
			t.Parallel()
			d := w.deploy(t, date, settings{})
			want := w.write(t, date, 1)
			d.aws.breaks(forTheFirst(2, "", handler))
			d.succeededAs(t, d.mustInvoke(t))
			d.holds(t, date, want)
			for _, name := range []string{"claim", "record", "renew", "complete", "finish"} {
				if asked := d.aws.asked(name); asked < 3 {
					t.Errorf("%s was asked for %d times; want two troubles and one that went well", name, asked)
				}
			}
		})
	}
}

func TestATroubleOfDynamoDBThatStaysFailsTheRunInTime(t *testing.T) {
	t.Parallel()
	const timeout = 8 * time.Second
	w := newWorld(t)
	day := 0
	for trouble, handler := range dynamoDBTroubles {
		for _, test := range []struct {
			from   []string // the calls that are in trouble
			leaves outlook
		}{
			{[]string{"claim", "record", "renew", "complete", "fail", "finish"}, oldDay},
			{[]string{"record", "renew", "complete", "fail", "finish"}, oldDay},
			{[]string{"record"}, oldDay},
			{[]string{"renew"}, oldDay},
			{[]string{"complete"}, newDay},
			{[]string{"complete", "fail", "finish"}, newDay},
		} {
			date := dateOf(day)
			day++
			t.Run(trouble+" at "+strings.Join(test.from, ", "), func(t *testing.T) {
				t.Parallel()
				d := w.deploy(t, date, settings{lease: 3 * time.Second, timeout: timeout})
				before := w.write(t, date, 1)
				first := d.publish(t)
				after := w.write(t, date, 2)
				d.forget()
				d.aws.breaks(func(name string, _ int) http.HandlerFunc {
					if slices.Contains(test.from, name) {
						return handler
					}
					return nil
				})
				o := d.mustInvoke(t)
				if o.errorType != "StatusUnavailable" && (o.errorType != "LeaseLost" || test.from[0] != "renew") {
					t.Errorf("the run ended as %q %s; want StatusUnavailable", o.errorType, o.message)
				}
				if o.took >= timeout {
					t.Errorf("it took %s of the function's %s", o.took, timeout)
				}
				if test.leaves == oldDay && d.count(beginAsked) != 0 {
					t.Error("it went to the target without its status")
				}
				d.leaves(t, test.leaves, before, after)
				d.aws.breaks(nil)
				switch {
				case slices.Contains(test.from, "fail"):
				case test.from[0] == "record":
					d.attemptFailedAs(t, o, o.errorType)
				default:
					d.failedAs(t, o, o.errorType)
				}
				again := d.publish(t)
				d.succeededAs(t, again)
				d.holds(t, date, after)
				if again.materialization.Generation <= first.materialization.Generation {
					t.Errorf("the generation is %d after %d", again.materialization.Generation, first.materialization.Generation)
				}
			})
		}
	}
}
