package command

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"delfos/shared/pipeline"
)

// schedule is something that runs by itself, as the command shows it.
type schedule struct {
	Name       string              `json:"name"`
	Group      string              `json:"group"`
	Target     string              `json:"target"` // ARN
	Expression string              `json:"expression"`
	TimeZone   string              `json:"time_zone"`
	State      types.ScheduleState `json:"state"`
	Input      string              `json:"input,omitempty"`
	Next       time.Time           `json:"next,omitzero"`     // tick, were it on; zero where there is none
	Problem    string              `json:"problem,omitempty"` // why its ticks cannot be told

	zone *time.Location
}

func toSchedule(found pipeline.Schedule) schedule {
	s := schedule{
		Name: found.Name, Group: "default", Target: found.TargetARN, Expression: found.Expression, TimeZone: found.TimeZone,
		State: stateOf(found), Input: found.Input, Problem: found.Problem, zone: found.Zone,
	}
	if len(found.Next) > 0 {
		s.Next = found.Next[0].At
	}
	return s
}

func stateOf(s pipeline.Schedule) types.ScheduleState {
	if s.On {
		return types.ScheduleStateEnabled
	}
	return types.ScheduleStateDisabled
}

// openSchedules finds the stack and what it runs by itself, each with its next ticks.
func openSchedules(ctx context.Context, terminal Terminal, c common, ticks int) (*pipeline.Pipeline, []pipeline.Schedule, error) {
	conn, err := connect(ctx, terminal, c.where)
	if err != nil {
		return nil, nil, err
	}
	p, err := conn.open(ctx, terminal)
	if err != nil {
		return nil, nil, err
	}
	all, err := p.Schedules(ctx, ticks)
	return p, all, err
}

// target is the last part of what the schedule calls.
func (s schedule) target() string {
	i := strings.LastIndexByte(s.Target, ':')
	return s.Target[i+1:]
}

// named finds the one schedule that a name, or a part of one, stands for.
func named(all []pipeline.Schedule, word string) (pipeline.Schedule, error) {
	var found []pipeline.Schedule
	for _, s := range all {
		if s.Name == word {
			return s, nil
		}
		if strings.Contains(strings.ToLower(s.Name), strings.ToLower(word)) {
			found = append(found, s)
		}
	}
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return pipeline.Schedule{}, fmt.Errorf("no schedule's name has %q in it: there are %s", word, namesOf(all))
	default:
		return pipeline.Schedule{}, fmt.Errorf("%q stands for more than one schedule: %s; write more of the name", word, namesOf(found))
	}
}

func namesOf(all []pipeline.Schedule) string {
	if len(all) == 0 {
		return "none"
	}
	names := make([]string, 0, len(all))
	for _, s := range all {
		names = append(names, s.Name)
	}
	return strings.Join(names, ", ")
}
