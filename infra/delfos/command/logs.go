package command

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"delfos/shared/status"
)

// showLogs prints what one run logged.
func showLogs(ctx context.Context, terminal Terminal, args []string) error {
	c, words, err := parse("logs", args, terminal, noFlags, "RUN")
	if err != nil {
		return err
	}
	conn, err := connect(c.dataDir)
	if err != nil {
		return err
	}
	pipeline, err := conn.pipeline(ctx)
	if err != nil {
		return err
	}
	run, err := conn.status.Run(ctx, pipeline.asset, words[0])
	if err != nil {
		return err
	}
	lines, err := conn.linesOf(ctx, run, pipeline.timeout)
	if err != nil {
		return err
	}
	for _, line := range lines {
		if c.json {
			fmt.Fprintln(terminal.Stdout, asJSON(line))
		} else {
			fmt.Fprintln(terminal.Stdout, readable(terminal.Colour, line))
		}
	}
	return nil
}

// linesOf reads the run's part of its sandbox's log stream. A sandbox does one
// invocation at a time, so the part is what stands between the start of the
// run's request and the start of the next.
func (c connection) linesOf(ctx context.Context, run status.Run, timeout time.Duration) ([]string, error) {
	input := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName:  &run.LogGroup,
		LogStreamName: &run.LogStream,
		StartTime:     aws.Int64(run.StartedAt.Add(-time.Minute).UnixMilli()),
		EndTime:       aws.Int64(run.StartedAt.Add(timeout + time.Minute).UnixMilli()),
		StartFromHead: aws.Bool(true),
	}
	part := invocation{request: run.RequestID}
	for {
		answer, err := c.logs.GetLogEvents(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("read the logs of run %s (stream %s): %w", run.ID, run.LogStream, err)
		}
		part.take(answer.Events)
		if part.over || aws.ToString(answer.NextForwardToken) == aws.ToString(input.NextToken) {
			return part.lines, nil
		}
		input.NextToken = answer.NextForwardToken
	}
}

// invocation gathers the lines of one request out of a stream.
type invocation struct {
	request      string
	lines        []string
	inside, over bool
}

func (i *invocation) take(events []types.OutputLogEvent) {
	for _, event := range events {
		line := strings.TrimRight(aws.ToString(event.Message), "\n")
		if started := startOf(line); started != "" {
			i.over = i.inside && started != i.request
			i.inside = started == i.request
		}
		if i.over {
			return
		}
		if i.inside {
			i.lines = append(i.lines, line)
		}
	}
}

// startOf is the request that a line says the start of; "" for other lines.
func startOf(line string) string {
	var event struct {
		Type   string `json:"type"`
		Record struct {
			RequestID string `json:"requestId"`
		} `json:"record"`
	}
	if json.Unmarshal([]byte(line), &event) != nil || event.Type != "platform.start" {
		return ""
	}
	return event.Record.RequestID
}

// asJSON is the line as it is, or wrapped where it is no JSON, such as a panic's.
func asJSON(line string) string {
	if json.Valid([]byte(line)) {
		return line
	}
	wrapped, err := json.Marshal(map[string]string{"message": line})
	if err != nil {
		return `{}` // never: a string can be encoded
	}
	return string(wrapped)
}

// readable turns a JSON log line into `time LEVEL message key=value …`; any other
// line stays as it is.
func readable(coloured bool, line string) string {
	var fields map[string]any
	if json.Unmarshal([]byte(line), &fields) != nil {
		return line
	}
	if fields["type"] != nil && fields["record"] != nil {
		return paint(coloured, cell{fmt.Sprintf("%v %v %s", fields["time"], fields["type"], compact(fields["record"])), faint})
	}
	if fields["message"] == nil || fields["level"] == nil {
		return line
	}
	var text strings.Builder
	level := fmt.Sprintf("%-5v", fields["level"])
	shown := map[any]colour{"ERROR": red, "WARN": yellow}[fields["level"]]
	fmt.Fprintf(&text, "%v %s %v", fields["timestamp"], paint(coloured, cell{level, shown}), fields["message"])
	for _, known := range []string{"timestamp", "level", "message", "run_id", "partition", "requestId", "_aws"} {
		delete(fields, known)
	}
	for _, key := range slices.Sorted(maps.Keys(fields)) {
		text.WriteString(" " + paint(coloured, cell{key + "=", faint}) + compact(fields[key]))
	}
	return text.String()
}

func compact(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil {
		return fmt.Sprint(value)
	}
	return string(text)
}
