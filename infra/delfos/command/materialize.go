package command

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"delfos/infra/local"
	"delfos/shared/etl"
	"delfos/shared/partition"
)

// materialize runs the etl function for one day and shows its answer.
func materialize(ctx context.Context, terminal Terminal, args []string) error {
	var day string
	var allowEmpty bool
	c, words, err := parseAnywhere("materialize", args, terminal, func(flags *flag.FlagSet) {
		flags.StringVar(&day, "partition", "", "the `day` to run, as YYYY-MM-DD")
		flags.BoolVar(&allowEmpty, "allow-empty", false, "publish the day even where the source has no sample of it")
	}, "["+dayWord+"]")
	if err != nil {
		return err
	}
	key, err := dayToRun(day, words)
	if err != nil {
		return err
	}
	conn, stop, err := connectOrStart(ctx, terminal, c.where)
	if err != nil {
		return err
	}
	defer stop()
	return conn.materialize(ctx, terminal, c.json, key, allowEmpty)
}

// dayToRun is the day that the flag or, without it, a word says.
func dayToRun(flagged string, words []string) (key partition.Key, err error) {
	switch {
	case flagged != "" && len(words) > 0:
		return key, &usageError{fmt.Sprintf("materialize: want one day, got --partition %s and %q", flagged, words[0])}
	case flagged == "" && len(words) == 0:
		return key, &usageError{"materialize: say the day: --partition YYYY-MM-DD"}
	case flagged == "":
		flagged = words[0]
	}
	if key, err = partition.ParseKey(flagged); err != nil {
		return key, &usageError{fmt.Sprintf("materialize --partition: %v", err)}
	}
	return key, nil
}

// connectOrStart uses the running stack, or starts one on the same data
// directory, at free ports, that stop ends.
func connectOrStart(ctx context.Context, terminal Terminal, w where) (conn connection, stop func(), err error) {
	conn, err = connect(ctx, terminal, w)
	if !errors.Is(err, local.ErrNotRunning) {
		return conn, func() {}, err
	}
	stack, err := startStack(ctx, terminal, local.Options{DataDir: w.dataDir})
	if err != nil {
		return connection{}, nil, err
	}
	return connectLocal(terminal, w, stack.Descriptor()), func() { closeStack(terminal, stack) }, nil
}

func (c connection) materialize(ctx context.Context, terminal Terminal, asJSON bool, key partition.Key, allowEmpty bool) error {
	payload, err := json.Marshal(map[string]any{"partition": key, "allow_empty": allowEmpty})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, longestInvocation)
	defer cancel()
	answer, err := c.lambda.Invoke(ctx, &lambda.InvokeInput{
		FunctionName: &c.etlName, Payload: payload, LogType: types.LogTypeTail,
	})
	if err != nil && c.isDeployed() && errors.Is(ctx.Err(), context.Canceled) {
		return &exitError{exitInterrupted, fmt.Errorf("stopped waiting; the run of %s goes on: look at it with %s", key, c.line("runs", "--partition", key.String()))}
	}
	if err != nil {
		return fmt.Errorf("run partition %s: invoke %s: %w", key, c.etlName, err)
	}
	if answer.FunctionError != nil {
		return failedRun(terminal, asJSON, key, answer)
	}
	var published etl.Materialization
	if err := json.Unmarshal(answer.Payload, &published); err != nil {
		return fmt.Errorf("run partition %s: the function answered something else than a materialization: %w", key, err)
	}
	if asJSON {
		return writeJSON(terminal.Stdout, published)
	}
	fmt.Fprintf(terminal.Stdout, "%s %s: %d samples read (%d missing), %d windows, %d rows written in %d ms; run %s, generation %d\n",
		paint(terminal.Colour, cell{"materialized", green}), key, published.RowsRead, published.SamplesMissing,
		published.Windows, published.RowsWritten, published.Duration.Total.Milliseconds(), published.RunID, published.Generation)
	return nil
}

// functionError is the answer of a function that failed (Lambda Developer Guide,
// "Error handling with Go").
type functionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// failedRun tells why a run failed. Where the function died before it could say so
// itself, the end of its log is shown, too.
func failedRun(terminal Terminal, asJSON bool, key partition.Key, answer *lambda.InvokeOutput) error {
	var failure functionError
	if err := json.Unmarshal(answer.Payload, &failure); err != nil {
		return fmt.Errorf("run partition %s: the function failed and answered %q", key, answer.Payload)
	}
	if tail, err := base64.StdEncoding.DecodeString(aws.ToString(answer.LogResult)); err == nil && strings.Contains(failure.Type, ".") {
		for line := range strings.Lines(string(tail)) {
			fmt.Fprintln(terminal.Stderr, readable(terminal.Live, strings.TrimRight(line, "\n")))
		}
	}
	if asJSON {
		if err := writeJSON(terminal.Stdout, failure); err != nil {
			return err
		}
	}
	code := exitFailed
	if failure.Type == "PartitionBusy" {
		code = exitBusy
	}
	cause := fmt.Errorf("run of %s failed: %s: %s", key, failure.Type, inFlags(failure.Message))
	return &exitError{code: code, cause: cause}
}

// flagDay reads a day given by a flag; an empty one is the day otherwise.
func flagDay(verb, name, value string, otherwise partition.Key) (partition.Key, error) {
	if value == "" {
		return otherwise, nil
	}
	key, err := partition.ParseKey(value)
	if err != nil {
		return key, &usageError{fmt.Sprintf("%s --%s: %v", verb, name, err)}
	}
	return key, nil
}
