package pipeline_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/google/go-cmp/cmp"

	"delfos/shared/pipeline"
)

// account is a Scheduler with many schedules, two a page, each of which runs what is
// said of it (EventBridge Scheduler API Reference, ListSchedules and GetSchedule).
func account(t *testing.T, targets map[string]string, read func(name string)) string {
	t.Helper()
	names := slices.Sorted(maps.Keys(targets))
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if name, one := strings.CutPrefix(r.URL.Path, "/schedules/"); one {
			read(name)
			fmt.Fprintf(w, `{"Name": %q, "ScheduleExpression": "rate(1 day)", "CreationDate": 1, "State": "ENABLED", "Target": {"Arn": %q}}`, name, targets[name])
			return
		}
		from, _ := strconv.Atoi(r.URL.Query().Get("NextToken"))
		var page []any
		for _, name := range names[from:min(from+2, len(names))] {
			page = append(page, map[string]any{"Name": name, "Target": map[string]string{"Arn": targets[name]}})
		}
		answer := map[string]any{"Schedules": page}
		if from+2 < len(names) {
			answer["NextToken"] = strconv.Itoa(from + 2)
		}
		_ = json.NewEncoder(w).Encode(answer)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

func TestOnlyThePipelinesOwnSchedulesAreListedOfAnAccountsMany(t *testing.T) {
	t.Parallel()
	const function, machine = "arn:aws:lambda:us-east-1:123456789012:function:", "arn:aws:states:us-east-1:123456789012:stateMachine:prod-backfill"
	var mu sync.Mutex
	var read []string
	endpoint := account(t, map[string]string{
		"a": function + "other-EtlFunction", "b": machine + "2", "c": function + "prod-EtlFunction", "d": function + "prod-EtlFunction2",
		"e": "arn:aws:sqs:us-east-1:123456789012:prod-EtlFunction", "f": function + "prod-EtlFunction:2", "g": machine,
	}, func(name string) {
		mu.Lock()
		defer mu.Unlock()
		read = append(read, name)
	})
	p := pipeline.NewWithoutData(pipeline.Options{
		Config: aws.Config{Region: "us-east-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("any", "any", "")},
		Etl:    "prod-EtlFunction", StateMachineARN: machine,
	})
	all, err := p.Schedules(t.Context(), 2)
	if err != nil || len(all) != 2 || all[0].Target != pipeline.TargetEtl || all[1].Target != pipeline.TargetBackfill || len(all[0].Next) != 2 {
		t.Errorf("they are %+v: %v", all, err)
	}
	slices.Sort(read)
	if diff := cmp.Diff([]string{"c", "g"}, read); diff != "" {
		t.Errorf("(-want +read in detail):\n%s", diff)
	}
}
