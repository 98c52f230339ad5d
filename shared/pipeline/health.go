package pipeline

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"delfos/shared/partition"
)

// apiHealth tells whether the source API answers, be it to say that its database does
// not.
func (p *Pipeline) apiHealth(ctx context.Context) (APIHealth, error) {
	began := p.now()
	var answer struct{ Status string }
	err := p.ask(ctx, "health", &answer)
	if _, answers := errors.AsType[*problemError](err); answers {
		err = nil
	}
	return APIHealth{Took: p.now().Sub(began)}, err
}

// sourceHealth tells how far the source's samples go, which its database has to say.
func (p *Pipeline) sourceHealth(ctx context.Context, now time.Time) (SourceHealth, error) {
	began := p.now()
	extent, err := p.Extent(ctx)
	health := SourceHealth{Extent: extent, Took: p.now().Sub(began)}
	if !extent.Last.IsZero() {
		health.Behind = max(0, now.Sub(extent.Last))
	}
	return health, err
}

func (p *Pipeline) targetHealth(ctx context.Context) (TargetHealth, error) {
	began := p.now()
	var health TargetHealth
	var last *string
	err := p.options.Target.QueryRow(ctx, `SELECT count(*), max(partition)::text FROM materialization`).Scan(&health.Published, &last)
	if err != nil {
		return TargetHealth{}, explain(theTarget, err)
	}
	if last != nil {
		if health.LastDay, err = partition.ParseKey(*last); err != nil {
			return TargetHealth{}, &RefusedError{theTarget, err}
		}
	}
	health.Took = p.now().Sub(began)
	return health, nil
}

// deadLetters counts what could not be delivered.
func (p *Pipeline) deadLetters(ctx context.Context) (DeadLetters, error) {
	queue := p.options.DeadLetterQueueURL
	if queue == "" {
		return DeadLetters{}, nil
	}
	answer, err := p.sqs.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: &queue,
		AttributeNames: []types.QueueAttributeName{
			types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible,
		},
	})
	if err != nil {
		return DeadLetters{}, explain(theQueue, err)
	}
	letters := DeadLetters{Queue: queue[strings.LastIndexByte(queue, '/')+1:]}
	for name, count := range map[types.QueueAttributeName]*int{
		types.QueueAttributeNameApproximateNumberOfMessages:           &letters.Waiting,
		types.QueueAttributeNameApproximateNumberOfMessagesNotVisible: &letters.InFlight,
	} {
		if *count, err = strconv.Atoi(answer.Attributes[string(name)]); err != nil {
			return DeadLetters{}, &RefusedError{theQueue, err}
		}
	}
	return letters, nil
}
