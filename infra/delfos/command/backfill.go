package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sfn"
	"github.com/aws/aws-sdk-go-v2/service/sfn/types"

	"delfos/shared/backfill"
)

// runBackfill plans, shows the plan, runs exactly that, and follows it to its end.
func runBackfill(ctx context.Context, terminal Terminal, args []string) error {
	f, err := parseBackfill(args, terminal)
	if err != nil {
		return err
	}
	conn, err := connect(ctx, terminal, f.where)
	if err != nil {
		return err
	}
	plan, err := conn.plan(ctx, f.request)
	if err != nil {
		return err
	}
	if f.dryRun || len(plan.Partitions) == 0 {
		return showOnly(terminal, f, plan)
	}
	if !f.json {
		writePlan(terminal, plan.Plan)
	}
	return conn.runPlan(ctx, terminal, f, plan)
}

// showOnly ends where nothing is to be started.
func showOnly(terminal Terminal, f backfillFlags, plan shownPlan) error {
	if f.json && f.dryRun {
		return writeJSON(terminal.Stdout, plan.whole)
	}
	if f.json {
		return writeJSON(terminal.Stdout, backfillResult{Plan: plan.whole})
	}
	writePlan(terminal, plan.Plan)
	if len(plan.Partitions) == 0 {
		fmt.Fprintln(terminal.Stdout, "Nothing to do.")
		return nil
	}
	fmt.Fprintf(terminal.Stdout, "  hash %s\nNothing was started: this was a dry run.\n", plan.Hash)
	return nil
}

// runPlan starts the backfill with the plan's hash: where the state has changed
// since, it refuses to run.
func (c connection) runPlan(ctx context.Context, terminal Terminal, f backfillFlags, plan shownPlan) error {
	name := f.name
	if name == "" {
		var err error
		if name, err = newName(terminal.Random, terminal.Now()); err != nil {
			return err
		}
	}
	f.request.PlanHash = plan.Hash
	started, err := c.start(ctx, name, f.request)
	if err != nil {
		return err
	}
	if f.noWait {
		return saysStarted(terminal, f.common, started, plan.whole)
	}
	fmt.Fprintf(terminal.Stderr, "Backfill %s has started. Ctrl-C leaves it running.\n", name)
	w := follower{conn: c, terminal: terminal, common: f.common, name: name, asset: plan.Asset, from: plan.From, to: plan.To}
	return w.toTheEnd(ctx, plan.whole)
}

// startWithin bounds requests that change something; an interrupt does not end
// them, so that it is known whether they took effect.
const startWithin = 30 * time.Second

func (c connection) start(ctx context.Context, name string, request backfill.Request) (execution, error) {
	input, err := json.Marshal(request)
	if err != nil {
		return execution{}, err
	}
	if ctx.Err() != nil {
		return execution{}, notStarted()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), startWithin)
	defer cancel()
	answer, err := c.sfn.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &c.machineARN, Name: &name, Input: aws.String(string(input)),
	})
	if err != nil {
		return execution{}, c.explainBackfill(name, "start", err)
	}
	return execution{
		Name: name, ARN: aws.ToString(answer.ExecutionArn), Status: types.ExecutionStatusRunning,
		StartedAt: utc(answer.StartDate), Request: request,
	}, nil
}

// notStarted is the end of an interrupt that came in time.
func notStarted() error {
	return &exitError{exitInterrupted, errors.New("interrupted: no backfill was started")}
}

func saysStarted(terminal Terminal, c common, started execution, plan json.RawMessage) error {
	if c.json {
		return writeJSON(terminal.Stdout, backfillResult{execution: &started, Plan: plan})
	}
	fmt.Fprintf(terminal.Stdout, "Backfill %s has started. Follow it: %s. Stop it: %s\n",
		started.Name, c.line("backfills", started.Name, "--watch"), c.line("cancel", started.Name))
	return nil
}
