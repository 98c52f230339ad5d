package status

import (
	"context"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"delfos/shared/partition"
)

// update is one write of one item, conditional unless the condition is empty. Attribute names are written
// #name in the expressions, so that none can be one of DynamoDB's reserved words.
type update struct {
	set       string
	condition string
	values    item
	returns   types.ReturnValue
}

// write carries an update out. The answer is what u.returns asks for; where the
// condition did not hold, refused is true and the answer is the item as it is,
// nil where there is none.
func (s *Store) write(ctx context.Context, table string, key item, u update) (answer item, refused bool, err error) {
	input := &dynamodb.UpdateItemInput{
		TableName:                           &table,
		Key:                                 key,
		UpdateExpression:                    &u.set,
		ExpressionAttributeNames:            namesIn(u.set, u.condition),
		ExpressionAttributeValues:           u.values,
		ReturnValues:                        u.returns,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if u.condition != "" {
		input.ConditionExpression = &u.condition
	}
	output, err := s.client.UpdateItem(ctx, input)
	if current, ok := conditionFailed(err); ok {
		return current, true, nil
	}
	if err != nil {
		return nil, false, s.explain("UpdateItem", table, err)
	}
	return output.Attributes, false, nil
}

// writePartition is write for a partition's record; the answer is decoded, and
// zero where there is none.
func (s *Store) writePartition(ctx context.Context, asset string, key partition.Key, u update) (answer Partition, refused bool, err error) {
	answered, refused, err := s.write(ctx, s.tables.Partitions, partitionKey(asset, key), u)
	if err == nil && len(answered) > 0 {
		answer, err = toPartition(answered)
	}
	return answer, refused, err
}

var attributeName = regexp.MustCompile(`#[a-z_]+`)

// namesIn maps each #name of the expressions to name.
func namesIn(expressions ...string) map[string]string {
	names := make(map[string]string)
	for _, expression := range expressions {
		for _, name := range attributeName.FindAllString(expression, -1) {
			names[name] = name[1:]
		}
	}
	return names
}
