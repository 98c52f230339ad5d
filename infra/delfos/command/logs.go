package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"delfos/shared/pipeline"
	"delfos/shared/pipeline/runlog"
)

// showLogs prints what one run logged.
func showLogs(ctx context.Context, terminal Terminal, args []string) error {
	c, words, err := parseAnywhere("logs", args, terminal, noFlags, "RUN")
	if err != nil {
		return err
	}
	conn, err := connect(ctx, terminal, c.where)
	if err != nil {
		return err
	}
	p, err := conn.open(ctx, terminal)
	if err != nil {
		return err
	}
	lines, err := logOf(ctx, p, words[0])
	if missing, none := errors.AsType[*pipeline.NotFoundError](err); none && missing.What == "run" {
		return fmt.Errorf("run %s is not recorded: look for its id with %s", words[0], c.line("runs"))
	}
	if err != nil {
		return err
	}
	if len(lines) == 0 {
		fmt.Fprintln(terminal.Stderr, "no lines of this run are there: they come some seconds after it has begun, and go when logs are removed")
	}
	for _, line := range lines {
		if c.json {
			fmt.Fprintln(terminal.Stdout, asJSON(line.Raw))
		} else {
			fmt.Fprintln(terminal.Stdout, readable(terminal.Colour, line.Raw))
		}
	}
	return nil
}

// logOf reads what a run has logged by now.
func logOf(ctx context.Context, p *pipeline.Pipeline, runID string) ([]runlog.Line, error) {
	var lines []runlog.Line
	var page pipeline.LogPage
	for {
		var err error
		if page, err = p.Log(ctx, runID, page.Next); err != nil {
			return nil, err
		}
		lines = append(lines, page.Lines...)
		if page.Final || len(page.Lines) == 0 {
			return lines, nil
		}
	}
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
