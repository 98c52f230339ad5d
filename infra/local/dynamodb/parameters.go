package dynamodb

import (
	"strings"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb/attribute"
	"delfos/infra/local/dynamodb/expression"
)

// expressionAttributes are the placeholders that many requests have.
type expressionAttributes struct {
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues attribute.Map
}

// expressionParameter is an expression that a request can have.
type expressionParameter struct {
	name string
	text *string
}

// scope takes the placeholders, which are refused where no expression is given that
// could use them.
func (a expressionAttributes) scope(parameters ...expressionParameter) (*expression.Scope, error) {
	given, valuesGiven := false, false
	var valueParameters []string
	for _, parameter := range parameters {
		given = given || parameter.text != nil
		if parameter.name != "ProjectionExpression" {
			valueParameters = append(valueParameters, parameter.name)
			valuesGiven = valuesGiven || parameter.text != nil
		}
	}
	if a.ExpressionAttributeNames != nil && !given {
		return nil, invalid("ExpressionAttributeNames can only be specified when using expressions")
	}
	if a.ExpressionAttributeValues != nil && !valuesGiven {
		verb := "is"
		if len(valueParameters) > 1 {
			verb = "are"
		}
		return nil, invalid("ExpressionAttributeValues can only be specified when using expressions: %s %s null", strings.Join(valueParameters, " and "), verb)
	}
	return expression.NewScope(a.ExpressionAttributeNames, a.ExpressionAttributeValues)
}

// writeParameters are what PutItem, UpdateItem and DeleteItem have in common.
type writeParameters struct {
	TableName *string
	expressionAttributes
	ConditionExpression                 *string
	ReturnValues                        string
	ReturnValuesOnConditionCheckFailure string
	ReturnConsumedCapacity              string
	ReturnItemCollectionMetrics         string
}

type writeAnswer struct {
	Attributes       attribute.Map     `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

func (p *writeParameters) validate(c *constraints, returnValues ...string) error {
	c.required("tableName", p.TableName != nil)
	c.oneOf("returnValues", p.ReturnValues, returnValues...)
	c.oneOf("returnValuesOnConditionCheckFailure", p.ReturnValuesOnConditionCheckFailure, "ALL_OLD", "NONE")
	c.consumedCapacity(p.ReturnConsumedCapacity)
	c.oneOf("returnItemCollectionMetrics", p.ReturnItemCollectionMetrics, "SIZE", "NONE")
	if err := c.err(); err != nil {
		return err
	}
	if p.ReturnItemCollectionMetrics == "SIZE" {
		return invalid("ReturnItemCollectionMetrics: the local DynamoDB does not implement SIZE")
	}
	return nil
}

// condition is a parsed ConditionExpression; the zero condition always holds.
type condition struct {
	parsed         *expression.Condition
	answerWithItem bool
}

func (p *writeParameters) condition(scope *expression.Scope) (condition, error) {
	if p.ConditionExpression == nil {
		return condition{}, nil
	}
	parsed, err := scope.Condition("ConditionExpression", *p.ConditionExpression)
	return condition{parsed, p.ReturnValuesOnConditionCheckFailure == "ALL_OLD"}, err
}

// paths lists what the condition reads.
func (c condition) paths() []expression.Path {
	if c.parsed == nil {
		return nil
	}
	return c.parsed.Paths()
}

// check refuses the write where the condition does not hold for the item, nil for
// none.
func (c condition) check(old attribute.Map) error {
	if c.parsed == nil || c.parsed.Holds(old) {
		return nil
	}
	failure := awsjson.Errorf("ConditionalCheckFailedException", "The conditional request failed")
	if c.answerWithItem && old != nil {
		failure.Fields = map[string]any{"Item": old}
	}
	return failure
}
