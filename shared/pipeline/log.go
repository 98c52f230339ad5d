package pipeline

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"delfos/shared/pipeline/runlog"
)

// LogPage is a part of what a run logged.
type LogPage struct {
	Lines []runlog.Line // oldest first
	Next  string        // what to ask with for what comes after; never empty
	Final bool          // nothing comes after
}

// Log reads what a run logged, from its beginning where after is empty, and otherwise
// from the Next of the page before: all that there is by now, up to 10,000 lines. The
// error is a *NotFoundError where the run has no record, and an *InvalidError where
// after is no Next.
//
// IAM: logs:GetLogEvents on the etl function's log group, dynamodb:GetItem on the runs
// and partitions tables.
func (p *Pipeline) Log(ctx context.Context, runID, after string) (LogPage, error) {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	run, err := p.run(ctx, runID)
	if err != nil {
		return LogPage{}, err
	}
	reading, err := resumeLog(run, after)
	if err != nil {
		return LogPage{}, err
	}
	if run.LogGroup == "" || run.LogStream == "" {
		return LogPage{Next: reading.next(), Final: true}, nil // it ran where there are no logs
	}
	return p.readLog(ctx, reading)
}

// logReading is where one is in a run's log.
type logReading struct {
	run   Run
	part  runlog.Part
	token string // of CloudWatch Logs; empty at the beginning
}

// resumeLog reads what next wrote: whether the run's part has begun, and the token.
func resumeLog(run Run, after string) (*logReading, error) {
	reading := &logReading{run: run, part: runlog.Part{Request: run.RequestID}}
	if after == "" {
		return reading, nil
	}
	state, token, ok := strings.Cut(after, ".")
	if !ok || (state != "b" && state != "i" && state != "o") || len(token) > 1024 {
		return nil, &InvalidError{"after", "want the next of the page before, or nothing"}
	}
	reading.token = token
	reading.part.Inside, reading.part.Over = state != "b", state == "o"
	return reading, nil
}

func (r *logReading) next() string {
	state := "b" // before the part
	switch {
	case r.part.Over:
		state = "o"
	case r.part.Inside:
		state = "i"
	}
	return state + "." + r.token
}

// longestRun is the most that a Lambda function may run for (Lambda Developer Guide,
// "Lambda quotas").
const longestRun = 15 * time.Minute

// mostLines bounds a page; a run logs some ten lines.
const mostLines = 10_000

func (p *Pipeline) readLog(ctx context.Context, r *logReading) (LogPage, error) {
	var page LogPage
	input := &cloudwatchlogs.GetLogEventsInput{
		LogGroupName: &r.run.LogGroup, LogStreamName: &r.run.LogStream, StartFromHead: aws.Bool(true),
		StartTime: aws.Int64(r.run.StartedAt.Add(-time.Minute).UnixMilli()),
		EndTime:   aws.Int64(r.run.StartedAt.Add(longestRun + time.Minute).UnixMilli()),
	}
	for !r.part.Over && len(page.Lines) < mostLines {
		if r.token != "" {
			input.NextToken = &r.token
		}
		answer, err := p.logs.GetLogEvents(ctx, input)
		if _, none := errors.AsType[*types.ResourceNotFoundException](err); none && !r.isQuiet(p.now()) {
			break // what a run logs may come later than its record
		}
		if err != nil {
			return LogPage{}, explainLog(r, err)
		}
		page.Lines = append(page.Lines, r.part.Take(parseEvents(answer.Events))...)
		at := aws.ToString(answer.NextForwardToken)
		if at == r.token { // the end, for now (API Reference, GetLogEvents, nextForwardToken)
			break
		}
		r.token = at
	}
	page.Next, page.Final = r.next(), r.part.Over || r.isQuiet(p.now())
	return page, nil
}

// quietAfter is how long after a run's end its last lines may come.
const quietAfter = time.Minute

// isQuiet tells whether the run has ended so long ago that nothing is to come, whether
// or not Lambda reported its end.
func (r *logReading) isQuiet(now time.Time) bool {
	switch {
	case !r.run.FinishedAt.IsZero():
		return now.Sub(r.run.FinishedAt) > quietAfter
	default:
		return now.Sub(r.run.StartedAt) > longestRun+quietAfter
	}
}

func parseEvents(events []types.OutputLogEvent) []runlog.Line {
	lines := make([]runlog.Line, len(events))
	for i, event := range events {
		lines[i] = runlog.Parse(aws.ToString(event.Message), time.UnixMilli(aws.ToInt64(event.Timestamp)))
	}
	return lines
}

func explainLog(r *logReading, err error) error {
	if _, gone := errors.AsType[*types.ResourceNotFoundException](err); gone {
		return &NotFoundError{"log of run", r.run.ID, "its log stream " + r.run.LogStream + " does not exist (any more): logs are removed after a time"}
	}
	if _, invalid := errors.AsType[*types.InvalidParameterException](err); invalid && r.token != "" {
		return &InvalidError{"after", "want the next of the page before, or nothing"}
	}
	return explain(theLogs, err)
}
