package logs_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/logs"
)

const group = "/aws/lambda/etl"

// at is a time, in milliseconds, on the day that the tests play on.
func at(millisecond int64) time.Time {
	return time.Date(2026, 2, 26, 12, 0, 0, 0, time.UTC).Add(time.Duration(millisecond) * time.Millisecond)
}

func open(t *testing.T, options logs.Options) *logs.Store {
	t.Helper()
	options.Region, options.AccountID = "us-east-1", "000000000000"
	options.Now = func() time.Time { return at(1_000_000) }
	store, err := logs.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

func write(t *testing.T, store *logs.Store, stream string, when int64, lines ...string) {
	t.Helper()
	if err := store.Append(group, stream, at(when), lines...); err != nil {
		t.Fatal(err)
	}
}

func client(t *testing.T, store *logs.Store) *cloudwatchlogs.Client {
	t.Helper()
	server := httptest.NewServer(awsjson.Handler(store))
	t.Cleanup(server.Close)
	return cloudwatchlogs.New(cloudwatchlogs.Options{
		BaseEndpoint: &server.URL, Region: "us-east-1", RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("any", "any", ""),
	})
}

func messages(events []types.OutputLogEvent) []string {
	var texts []string
	for _, event := range events {
		texts = append(texts, *event.Message)
	}
	return texts
}

func filtered(events []types.FilteredLogEvent) []string {
	var texts []string
	for _, event := range events {
		texts = append(texts, *event.Message)
	}
	return texts
}

func wantAPIError(t *testing.T, err error, code string, parts ...string) {
	t.Helper()
	var failure smithy.APIError
	if !errors.As(err, &failure) || failure.ErrorCode() != code {
		t.Fatalf("got %v, want %s", err, code)
	}
	for _, part := range parts {
		if !strings.Contains(failure.ErrorMessage(), part) {
			t.Errorf("message %q does not say %q", failure.ErrorMessage(), part)
		}
	}
}

func TestGetLogEventsPagesForwardToTheEndAndThenRepeatsItsToken(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]logs.Options{"memory": {}, "disk": {Dir: t.TempDir()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			store := open(t, options)
			for i := range int64(5) {
				write(t, store, "one", i, fmt.Sprintf("line %d", i))
			}
			reader := client(t, store)
			input := &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String("one"), StartFromHead: aws.Bool(true), Limit: aws.Int32(2)}
			var got [][]string
			for {
				page, err := reader.GetLogEvents(t.Context(), input)
				if err != nil {
					t.Fatal(err)
				}
				if input.NextToken != nil && *page.NextForwardToken == *input.NextToken {
					break
				}
				got = append(got, messages(page.Events))
				input.NextToken = page.NextForwardToken
			}
			if diff := cmp.Diff([][]string{{"line 0", "line 1"}, {"line 2", "line 3"}, {"line 4"}}, got); diff != "" {
				t.Error(diff)
			}
			write(t, store, "one", 9, "later")
			page, err := reader.GetLogEvents(t.Context(), input)
			if err != nil || !cmp.Equal(messages(page.Events), []string{"later"}) {
				t.Errorf("after a new event the token gives %v, %v", messages(page.Events), err)
			}
		})
	}
}

func TestGetLogEventsGivesTheLatestFirstWithoutStartFromHead(t *testing.T) {
	t.Parallel()
	store := open(t, logs.Options{})
	for i := range int64(5) {
		write(t, store, "one", i, fmt.Sprintf("line %d", i))
	}
	reader := client(t, store)
	input := &cloudwatchlogs.GetLogEventsInput{LogGroupIdentifier: aws.String("arn:aws:logs:us-east-1:000000000000:log-group:" + group), LogStreamName: aws.String("one"), Limit: aws.Int32(3)}
	var got [][]string
	for range 3 {
		page, err := reader.GetLogEvents(t.Context(), input)
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, messages(page.Events))
		input.NextToken = page.NextBackwardToken
	}
	if diff := cmp.Diff([][]string{{"line 2", "line 3", "line 4"}, {"line 0", "line 1"}, nil}, got); diff != "" {
		t.Error(diff)
	}
}

func TestGetLogEventsTakesAHalfOpenInterval(t *testing.T) {
	t.Parallel()
	store := open(t, logs.Options{})
	for i := range int64(5) {
		write(t, store, "one", i, fmt.Sprintf("line %d", i))
	}
	page, err := client(t, store).GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: aws.String(group), LogStreamName: aws.String("one"),
		StartTime: aws.Int64(at(1).UnixMilli()), EndTime: aws.Int64(at(3).UnixMilli()),
	})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"line 1", "line 2"}, messages(page.Events)); diff != "" {
		t.Error(diff)
	}
}

func TestAReopenedStoreHasWhatWasWrittenButForATornLastLine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	stream := "2026/02/26/[$LATEST]0123"
	write(t, open(t, logs.Options{Dir: dir}), stream, 1, "whole", "also whole")
	files, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("files %v, %v", files, err)
	}
	content, err := os.ReadFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(files[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Fatalf("mode %v, %v", info.Mode(), err)
	}
	for cutAt := range content {
		if err := os.WriteFile(files[0], content[:cutAt], 0o600); err != nil {
			t.Fatal(err)
		}
		store := open(t, logs.Options{Dir: dir})
		write(t, store, stream, 2, "new")
		page, err := client(t, store).GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: &stream})
		if err != nil {
			t.Fatalf("cut at %d: %v", cutAt, err)
		}
		lines := strings.Count(string(content[:cutAt]), "\n")
		want := slices.Concat([]string{"whole", "also whole"}[:max(lines-1, 0)], []string{"new"})
		if diff := cmp.Diff(want, messages(page.Events)); diff != "" {
			t.Errorf("cut at %d: %s", cutAt, diff)
		}
	}
}

func TestAFullStreamDropsItsOldestHalfAndKeepsItsTokens(t *testing.T) {
	t.Parallel()
	for name, options := range map[string]logs.Options{"memory": {}, "disk": {Dir: t.TempDir()}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			options.MaxStreamBytes = 4000
			store := open(t, options)
			reader := client(t, store)
			input := &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String("one"), StartFromHead: aws.Bool(true)}
			for i := range int64(200) {
				write(t, store, "one", i, fmt.Sprintf("line %d", i))
				page, err := reader.GetLogEvents(t.Context(), input)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff([]string{fmt.Sprintf("line %d", i)}, messages(page.Events)); diff != "" {
					t.Fatal(diff)
				}
				input.NextToken = page.NextForwardToken
			}
			input.NextToken = nil
			all, err := reader.GetLogEvents(t.Context(), input)
			if err != nil {
				t.Fatal(err)
			}
			kept := messages(all.Events)
			if len(kept) < 10 || len(kept) > 100 || kept[len(kept)-1] != "line 199" {
				t.Errorf("%d events are left, the last %q", len(kept), kept[len(kept)-1])
			}
			streams, err := reader.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(group)})
			if err != nil || *streams.LogStreams[0].FirstEventTimestamp != *all.Events[0].Timestamp {
				t.Errorf("the first event's time was not moved: %v, %v", streams, err)
			}
		})
	}
}

func TestALongLineIsCutBetweenCharacters(t *testing.T) {
	t.Parallel()
	store := open(t, logs.Options{})
	write(t, store, "one", 0, "x"+strings.Repeat("é", logs.MaxEventBytes/2))
	page, err := client(t, store).GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String("one")})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := *page.Events[0].Message, "x"+strings.Repeat("é", logs.MaxEventBytes/2-1); got != want {
		t.Errorf("got %d bytes, want %d", len(got), len(want))
	}
}

func TestDescribeLogStreamsOrdersAndPages(t *testing.T) {
	t.Parallel()
	store := open(t, logs.Options{Dir: t.TempDir()})
	write(t, store, "a", 30, "x")
	write(t, store, "b", 10, "x")
	write(t, store, "c", 20, "x", "y")
	reader := client(t, store)
	tests := map[string]struct {
		input cloudwatchlogs.DescribeLogStreamsInput
		want  []string
	}{
		"by name":                {cloudwatchlogs.DescribeLogStreamsInput{}, []string{"a", "b", "c"}},
		"by name, descending":    {cloudwatchlogs.DescribeLogStreamsInput{Descending: aws.Bool(true)}, []string{"c", "b", "a"}},
		"by last event":          {cloudwatchlogs.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime}, []string{"b", "c", "a"}},
		"by last event, newest":  {cloudwatchlogs.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime, Descending: aws.Bool(true)}, []string{"a", "c", "b"}},
		"with a prefix":          {cloudwatchlogs.DescribeLogStreamsInput{LogStreamNamePrefix: aws.String("b")}, []string{"b"}},
		"one a page, descending": {cloudwatchlogs.DescribeLogStreamsInput{Descending: aws.Bool(true), Limit: aws.Int32(1)}, []string{"c", "b", "a"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.input.LogGroupName = aws.String(group)
			var got []string
			pages := cloudwatchlogs.NewDescribeLogStreamsPaginator(reader, &test.input)
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, stream := range page.LogStreams {
					got = append(got, *stream.LogStreamName)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestDescribeLogGroupsFindsByPrefixAndPattern(t *testing.T) {
	t.Parallel()
	store := open(t, logs.Options{Dir: t.TempDir()})
	for _, name := range []string{"/aws/lambda/etl", "/aws/lambda/sourceapi", "..", "other"} {
		if err := store.CreateGroup(name); err != nil {
			t.Fatal(err)
		}
	}
	reader := client(t, store)
	tests := map[string]struct {
		input cloudwatchlogs.DescribeLogGroupsInput
		want  []string
	}{
		"all":     {cloudwatchlogs.DescribeLogGroupsInput{Limit: aws.Int32(1)}, []string{"..", "/aws/lambda/etl", "/aws/lambda/sourceapi", "other"}},
		"prefix":  {cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("/aws/lambda/")}, []string{"/aws/lambda/etl", "/aws/lambda/sourceapi"}},
		"pattern": {cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePattern: aws.String("SOURCE")}, []string{"/aws/lambda/sourceapi"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(reader, &test.input)
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, one := range page.LogGroups {
					got = append(got, *one.LogGroupName)
				}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFilterLogEventsInterleavesStreamsByTimeInAnyPageSize(t *testing.T) {
	t.Parallel()
	store := open(t, logs.Options{Dir: t.TempDir()})
	var want []string
	for i := range int64(30) {
		line := fmt.Sprintf(`{"run_id":"r%d","n":%d}`, i%2, i)
		write(t, store, fmt.Sprintf("stream-%d", i%3), i/2, line)
		if i%2 == 1 {
			want = append(want, line)
		}
	}
	reader := client(t, store)
	for _, limit := range []int32{1, 2, 7, 15, 10_000} {
		var got []string
		pages := cloudwatchlogs.NewFilterLogEventsPaginator(reader, &cloudwatchlogs.FilterLogEventsInput{
			LogGroupName: aws.String(group), FilterPattern: aws.String(`{ $.run_id = "r1" }`), Limit: &limit,
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, filtered(page.Events)...)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("limit %d: %s", limit, diff)
		}
	}
}

func TestFilterLogEventsChoosesStreamsAndTimes(t *testing.T) {
	t.Parallel()
	store := open(t, logs.Options{})
	for i, stream := range []string{"2026/a", "2026/b", "2027/c"} {
		write(t, store, stream, int64(i), stream)
	}
	reader := client(t, store)
	tests := map[string]struct {
		input cloudwatchlogs.FilterLogEventsInput
		want  []string
	}{
		"all":    {cloudwatchlogs.FilterLogEventsInput{}, []string{"2026/a", "2026/b", "2027/c"}},
		"prefix": {cloudwatchlogs.FilterLogEventsInput{LogStreamNamePrefix: aws.String("2026/")}, []string{"2026/a", "2026/b"}},
		"names":  {cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{"2027/c", "2026/a"}}, []string{"2026/a", "2027/c"}},
		"times": {cloudwatchlogs.FilterLogEventsInput{
			StartTime: aws.Int64(at(1).UnixMilli()), EndTime: aws.Int64(at(2).UnixMilli()),
		}, []string{"2026/b"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.input.LogGroupName = aws.String(group)
			page, err := reader.FilterLogEvents(t.Context(), &test.input)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, filtered(page.Events)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestAPageStaysWithinOneMegabyte(t *testing.T) {
	t.Parallel()
	store := open(t, logs.Options{})
	for i := range int64(10) {
		write(t, store, "one", i, strings.Repeat("x", 200_000))
	}
	reader := client(t, store)
	page, err := reader.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String(group)})
	if err != nil || len(page.Events) != 5 || page.NextToken == nil {
		t.Errorf("FilterLogEvents: %d events, %v", len(page.Events), err)
	}
	for _, fromHead := range []bool{true, false} {
		page, err := reader.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String("one"), StartFromHead: &fromHead})
		if err != nil || len(page.Events) != 5 {
			t.Errorf("GetLogEvents, from head %v: %d events, %v", fromHead, len(page.Events), err)
		}
	}
}

func TestWhatTheLocalLogsDoNotDoIsRefusedByName(t *testing.T) {
	t.Parallel()
	store := open(t, logs.Options{})
	write(t, store, "one", 0, "x")
	reader := client(t, store)
	filter := func(input cloudwatchlogs.FilterLogEventsInput) error {
		if input.LogGroupName == nil {
			input.LogGroupName = aws.String(group)
		}
		_, err := reader.FilterLogEvents(t.Context(), &input)
		return err
	}
	get := func(input cloudwatchlogs.GetLogEventsInput) error {
		input.LogGroupName = aws.String(group)
		_, err := reader.GetLogEvents(t.Context(), &input)
		return err
	}
	_, putErr := reader.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: aws.String(group), LogStreamName: aws.String("one"), LogEvents: []types.InputLogEvent{{Message: aws.String("x"), Timestamp: aws.Int64(1)}}})
	_, orderErr := reader.DescribeLogStreams(t.Context(), &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: aws.String(group), OrderBy: types.OrderByLastEventTime, LogStreamNamePrefix: aws.String("o")})
	tests := map[string]struct {
		err   error
		code  string
		parts []string
	}{
		"another operation":   {putErr, "UnknownOperationException", []string{"PutLogEvents"}},
		"an unknown group":    {filter(cloudwatchlogs.FilterLogEventsInput{LogGroupName: aws.String("/no")}), "ResourceNotFoundException", []string{"log group"}},
		"an unknown stream":   {get(cloudwatchlogs.GetLogEventsInput{LogStreamName: aws.String("no")}), "ResourceNotFoundException", []string{"log stream"}},
		"a garbled token":     {get(cloudwatchlogs.GetLogEventsInput{LogStreamName: aws.String("one"), NextToken: aws.String("f/x")}), "InvalidParameterException", []string{"nextToken"}},
		"a garbled filter":    {filter(cloudwatchlogs.FilterLogEventsInput{NextToken: aws.String("!")}), "InvalidParameterException", []string{"nextToken"}},
		"limit 0":             {filter(cloudwatchlogs.FilterLogEventsInput{Limit: aws.Int32(0)}), "InvalidParameterException", []string{"limit 0"}},
		"names and prefix":    {filter(cloudwatchlogs.FilterLogEventsInput{LogStreamNames: []string{"one"}, LogStreamNamePrefix: aws.String("o")}), "InvalidParameterException", nil},
		"newest first":        {filter(cloudwatchlogs.FilterLogEventsInput{StartFromHead: aws.Bool(false)}), "InvalidParameterException", []string{"startFromHead"}},
		"reversed times":      {filter(cloudwatchlogs.FilterLogEventsInput{StartTime: aws.Int64(2), EndTime: aws.Int64(1)}), "InvalidParameterException", []string{"startTime"}},
		"time and prefix":     {orderErr, "InvalidParameterException", []string{"LastEventTime"}},
		"an unsupported term": {filter(cloudwatchlogs.FilterLogEventsInput{FilterPattern: aws.String("-DEBUG")}), "InvalidParameterException", []string{"excluded terms"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			wantAPIError(t, test.err, test.code, test.parts...)
		})
	}
}

func TestAClosedStoreRefusesAppends(t *testing.T) {
	t.Parallel()
	store := open(t, logs.Options{})
	write(t, store, "one", 0, "x")
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	for _, stream := range []string{"one", "two"} {
		if err := store.Append(group, stream, at(1), "y"); !errors.Is(err, logs.ErrClosed) {
			t.Errorf("stream %s: got %v, want ErrClosed", stream, err)
		}
	}
}

func TestAppendRefusesNamesThatAWSRefuses(t *testing.T) {
	t.Parallel()
	store := open(t, logs.Options{Dir: t.TempDir()})
	for _, names := range [][2]string{{"", "s"}, {"a b", "s"}, {"g", ""}, {"g", "a:b"}, {"g", "a*"}, {strings.Repeat("g", 513), "s"}, {"g", strings.Repeat("/", 100)}} {
		if err := store.Append(names[0], names[1], at(0), "x"); err == nil {
			t.Errorf("group %q, stream %q: want an error", names[0], names[1])
		}
	}
}
