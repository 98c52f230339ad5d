package sqs_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/journal"
	"delfos/infra/local/sqs"
)

// everything compares the SDK's types with their unexported markers.
func everything(reflect.Type) bool { return true }

// bodies receives without a network, for bubbles of virtual time.
func bodies(t *testing.T, service *sqs.Service, members string) []string {
	t.Helper()
	answer, err := service.Call(t.Context(), "ReceiveMessage", fmt.Appendf(nil, `{"QueueUrl":%q,"MaxNumberOfMessages":10%s}`, url, members))
	if err != nil {
		t.Fatal(err)
	}
	text, err := json.Marshal(answer)
	if err != nil {
		t.Fatal(err)
	}
	var got struct{ Messages []struct{ Body string } }
	if err := json.Unmarshal(text, &got); err != nil {
		t.Fatal(err)
	}
	all := []string{}
	for _, one := range got.Messages {
		all = append(all, one.Body)
	}
	return all
}

func send(t *testing.T, service *sqs.Service, body, members string) {
	t.Helper()
	if _, err := service.Call(t.Context(), "SendMessage", fmt.Appendf(nil, `{"QueueUrl":%q,"MessageBody":%q%s}`, url, body, members)); err != nil {
		t.Fatal(err)
	}
}

func TestALongPollEndsWithTheFirstMessageOrItsTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := open(t)
		if err := service.Declare("ticks", nil); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if got := bodies(t, service, `,"WaitTimeSeconds":20`); len(got) != 0 || time.Since(began) != 20*time.Second {
			t.Errorf("%v after %s", got, time.Since(began))
		}
		time.AfterFunc(7*time.Second, func() { send(t, service, "sent", "") })
		began = time.Now()
		if got := bodies(t, service, `,"WaitTimeSeconds":20,"VisibilityTimeout":5`); len(got) != 1 || time.Since(began) != 7*time.Second {
			t.Errorf("%v after %s", got, time.Since(began))
		}
		began = time.Now() // it is visible again in five seconds
		if got := bodies(t, service, `,"WaitTimeSeconds":20`); len(got) != 1 || time.Since(began) != 5*time.Second {
			t.Errorf("%v after %s", got, time.Since(began))
		}
		send(t, service, "delayed", `,"DelaySeconds":3`)
		began = time.Now()
		if got := bodies(t, service, `,"WaitTimeSeconds":20`); len(got) != 1 || got[0] != "delayed" || time.Since(began) != 3*time.Second {
			t.Errorf("%v after %s", got, time.Since(began))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := service.Call(ctx, "ReceiveMessage", fmt.Appendf(nil, `{"QueueUrl":%q,"WaitTimeSeconds":20}`, url))
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("when the client has gone: %v", err)
		}
		time.AfterFunc(time.Second, func() { _ = service.Close() })
		_, err = service.Call(t.Context(), "ReceiveMessage", fmt.Appendf(nil, `{"QueueUrl":%q,"WaitTimeSeconds":20}`, url))
		if !errors.Is(err, sqs.ErrClosed) {
			t.Errorf("when the service stops: %v", err)
		}
	})
}

func TestTheQueuesOwnSettingsHoldWhereARequestSaysNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		service := open(t)
		err := service.Declare("ticks", map[string]string{
			"DelaySeconds": "2", "ReceiveMessageWaitTimeSeconds": "4", "VisibilityTimeout": "1", "MessageRetentionPeriod": "60",
		})
		if err != nil {
			t.Fatal(err)
		}
		send(t, service, "x", "")
		began := time.Now()
		for _, want := range []time.Duration{2 * time.Second, 3 * time.Second} {
			if got := bodies(t, service, ""); len(got) != 1 || time.Since(began) != want {
				t.Errorf("%v after %s, want %s", got, time.Since(began), want)
			}
		}
		time.Sleep(58 * time.Second)
		if got := bodies(t, service, ""); len(got) != 0 || time.Since(began) != 65*time.Second {
			t.Errorf("%v after %s: it is older than the retention period", got, time.Since(began))
		}
	})
}

func in(dir string) func(*sqs.Options) { return func(o *sqs.Options) { o.Dir = dir } }

func TestMessagesSurviveUntilTheyAreDeleted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	service := open(t, in(dir))
	if err := service.Declare("ticks", map[string]string{"VisibilityTimeout": "600"}); err != nil {
		t.Fatal(err)
	}
	for i := range 3000 {
		send(t, service, fmt.Sprint(i), "")
	}
	if _, err := service.Call(t.Context(), "PurgeQueue", fmt.Appendf(nil, `{"QueueUrl":%q}`, url)); err != nil {
		t.Fatal(err)
	}
	send(t, service, "in flight", `,"MessageAttributes":{"a":{"DataType":"String","StringValue":"b"}}`)
	send(t, service, "deleted", "")
	answer, err := service.Call(t.Context(), "ReceiveMessage", fmt.Appendf(nil, `{"QueueUrl":%q,"MaxNumberOfMessages":10}`, url))
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(answer)
	var got struct {
		Messages []struct{ ReceiptHandle string }
	}
	if err := json.Unmarshal(text, &got); err != nil || len(got.Messages) != 2 {
		t.Fatalf("%s, %v", text, err)
	}
	if _, err := service.Call(t.Context(), "DeleteMessage", fmt.Appendf(nil, `{"QueueUrl":%q,"ReceiptHandle":%q}`, url, got.Messages[1].ReceiptHandle)); err != nil {
		t.Fatal(err)
	}
	if err := service.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := service.Send(t.Context(), service.ARN("ticks"), "late", nil); !errors.Is(err, sqs.ErrClosed) {
		t.Errorf("after Close: %v", err)
	}

	reopened := open(t, in(dir))
	if diff := cmp.Diff([]string{"in flight"}, bodies(t, reopened, `,"MessageAttributeNames":["All"]`)); diff != "" {
		t.Error(diff)
	}
	// What the first process received may still be deleted.
	if _, err := reopened.Call(t.Context(), "DeleteMessage", fmt.Appendf(nil, `{"QueueUrl":%q,"ReceiptHandle":%q}`, url, got.Messages[0].ReceiptHandle)); err != nil {
		t.Fatal(err)
	}
	if err := reopened.Close(); err != nil {
		t.Fatal(err)
	}
	last := open(t, in(dir))
	if diff := cmp.Diff([]string{"ticks"}, last.Names()); diff != "" || len(bodies(t, last, "")) != 0 {
		t.Error(diff)
	}
	info, err := os.Stat(filepath.Join(dir, "sqs.jsonl"))
	if err != nil || info.Size() > 10_000 {
		t.Errorf("the journal was not compacted: %d bytes, %v", info.Size(), err)
	}
}

func TestATornJournalLosesItsLastMessageAloneAndADamagedOneIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	path := filepath.Join(dir, "sqs.jsonl")
	service := open(t, in(dir))
	if err := service.Declare("ticks", nil); err != nil {
		t.Fatal(err)
	}
	send(t, service, "whole", "")
	send(t, service, "torn", "")
	if err := service.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, whole[:len(whole)-3], 0o600); err != nil {
		t.Fatal(err)
	}
	torn := open(t, in(dir))
	if diff := cmp.Diff([]string{"whole"}, bodies(t, torn, "")); diff != "" {
		t.Error(diff)
	}
	if err := torn.Close(); err != nil {
		t.Fatal(err)
	}
	damaged := strings.Replace(string(whole), "whole", "whale", 1)
	if err := os.WriteFile(path, []byte(damaged), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := sqs.Open(sqs.Options{Dir: dir}); err == nil {
		t.Error("a damaged journal was opened")
	} else if _, ok := errors.AsType[*journal.DamageError](err); !ok {
		t.Error(err)
	}
}

func TestADeclarationGivesAQueueItsAttributes(t *testing.T) {
	t.Parallel()
	service := open(t)
	for _, seconds := range []string{"60", "120", "120"} {
		if err := service.Declare("ticks", map[string]string{"VisibilityTimeout": seconds}); err != nil {
			t.Fatal(err)
		}
		answer, err := service.Call(t.Context(), "GetQueueAttributes", fmt.Appendf(nil, `{"QueueUrl":%q,"AttributeNames":["VisibilityTimeout"]}`, url))
		if diff := cmp.Diff(map[string]any{"Attributes": map[string]string{"VisibilityTimeout": seconds}}, answer); diff != "" || err != nil {
			t.Error(diff, err)
		}
	}
	if err := service.Declare("ticks", map[string]string{"FifoQueue": "true"}); err == nil || !strings.Contains(err.Error(), "FifoQueue") {
		t.Error(err)
	}
}
