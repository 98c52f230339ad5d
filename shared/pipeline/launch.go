package pipeline

import (
	"context"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sfn"

	"delfos/shared/backfill"
)

// Launch starts a backfill of a plan that was shown: request.PlanHash is its hash, and
// must be there. An empty name makes one of the time. The error is an *InvalidError
// where the name or the request is wrong, a *ConflictError where the plan is another by
// now, has nothing to run, or there has been a backfill of that name.
//
// IAM: states:StartExecution on the state machine, dynamodb:Query on the partitions
// table.
func (p *Pipeline) Launch(ctx context.Context, who Actor, request backfill.Request, name string) (Started, error) {
	ctx, cancel := acting(ctx, actWithin)
	defer cancel()
	name, err := p.nameOf(name, "backfill")
	if err != nil {
		return Started{}, err
	}
	if request, err = normal(request); err == nil {
		err = p.checkLaunch(ctx, request)
	}
	led := Started{}
	if err == nil {
		led, err = p.startRequest(ctx, name, request)
	}
	p.audit(ctx, who, "launch", name, led, err)
	return led, err
}

// checkLaunch compares the plan with the one that was shown. The execution compares
// again; but one that would fail so is better not begun.
func (p *Pipeline) checkLaunch(ctx context.Context, request backfill.Request) error {
	if request.PlanHash == "" {
		return &InvalidError{"plan_hash", "it is missing; launch a plan that was shown, with its hash"}
	}
	plan, err := p.planAt(ctx, request, p.now())
	switch {
	case err != nil:
		return err
	case plan.Hash != request.PlanHash:
		return planChanged(nil)
	case len(plan.Partitions) == 0:
		return &ConflictError{"there is nothing to run: no day of the range is as it selects", "choose another range or another select", nil}
	default:
		return nil
	}
}

// planAt plans as the planner would at an instant, with the days as they stand now,
// but does not ask the source which have become stale.
func (p *Pipeline) planAt(ctx context.Context, request backfill.Request, at time.Time) (backfill.Plan, error) {
	asset, calendar := p.options.Asset, p.options.Calendar
	empty, err := backfill.Make(asset, request, calendar, nil, at)
	if err != nil {
		return backfill.Plan{}, &InvalidError{"request", err.Error()}
	}
	if empty.To.Before(empty.From) {
		return empty, nil
	}
	records, err := p.records(ctx, empty.From, empty.To)
	if err != nil {
		return backfill.Plan{}, err
	}
	return backfill.Make(asset, request, calendar, records, at)
}

func (p *Pipeline) startRequest(ctx context.Context, name string, request backfill.Request) (Started, error) {
	input, err := json.Marshal(request)
	if err != nil {
		return Started{}, err
	}
	return p.start(ctx, name, string(input))
}

// start begins an execution of the state machine.
func (p *Pipeline) start(ctx context.Context, name, input string) (Started, error) {
	_, err := p.sfn.StartExecution(ctx, &sfn.StartExecutionInput{
		StateMachineArn: &p.options.StateMachineARN, Name: &name, Input: &input,
	})
	if err != nil {
		return Started{}, explainBackfill(name, err)
	}
	return Started{Backfill: name}, nil
}

// executionName is narrower than Step Functions' rule (StartExecution: 1 to 80
// characters, some excluded), so that no shell and no URL has to be told about it.
var executionName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,79}$`)

// nameOf checks a name, or makes one that is unique and says when:
// backfill-20261125T195500Z-k3f9.
func (p *Pipeline) nameOf(given, kind string) (string, error) {
	if given != "" {
		if !executionName.MatchString(given) {
			return "", &InvalidError{"name", fmt.Sprintf("%q: want 1 to 80 letters, digits, '-', '_' or '.', the first a letter or a digit", given)}
		}
		return given, nil
	}
	var suffix [5]byte
	if _, err := io.ReadFull(p.options.Random, suffix[:]); err != nil {
		return "", errors.Join(errors.New("name the backfill: there is no randomness"), err)
	}
	text := strings.ToLower(base32.StdEncoding.EncodeToString(suffix[:]))[:4]
	return kind + "-" + p.now().UTC().Format("20060102T150405Z") + "-" + text, nil
}
