package template

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// table reads an AWS::DynamoDB::Table; whether keys and attributes fit together
// is CreateTable's to say.
func (b *builder) table(resource *resource) {
	fields := b.fields(resource)
	fields.awsOnly("ContributorInsightsSpecification", "DeletionProtectionEnabled", "PointInTimeRecoverySpecification",
		"SSESpecification", "TableClass", "TableName", "Tags")
	name := b.resolver.nameOf(resource, "TableName")
	table := Table{LogicalID: resource.logicalID, ARN: tableARN(b.resolver, resource), Create: dynamodb.CreateTableInput{
		TableName:   &name,
		BillingMode: types.BillingMode(fields.oneOf("BillingMode", "PAY_PER_REQUEST")),
		KeySchema:   keySchema(fields),
	}}
	if len(table.Create.KeySchema) == 0 {
		b.resolver.problems.add(resource.node, "%s.KeySchema is missing", resource.logicalID)
	}
	for _, definition := range fields.objects("AttributeDefinitions") {
		attribute := definition.required("AttributeName")
		table.Create.AttributeDefinitions = append(table.Create.AttributeDefinitions, types.AttributeDefinition{
			AttributeName: &attribute, AttributeType: types.ScalarAttributeType(definition.requiredOneOf("AttributeType", "S", "N", "B")),
		})
		definition.finish()
	}
	for _, index := range fields.objects("GlobalSecondaryIndexes") {
		table.Create.GlobalSecondaryIndexes = append(table.Create.GlobalSecondaryIndexes, globalIndex(index))
	}
	table.TimeToLive = timeToLive(fields)
	fields.finish()
	b.template.Tables = append(b.template.Tables, table)
}

func keySchema(fields *fields) []types.KeySchemaElement {
	var schema []types.KeySchemaElement
	for _, element := range fields.objects("KeySchema") {
		attribute := element.required("AttributeName")
		schema = append(schema, types.KeySchemaElement{
			AttributeName: &attribute, KeyType: types.KeyType(element.requiredOneOf("KeyType", "HASH", "RANGE")),
		})
		element.finish()
	}
	return schema
}

func globalIndex(fields *fields) types.GlobalSecondaryIndex {
	name := fields.required("IndexName")
	projection := fields.object("Projection")
	index := types.GlobalSecondaryIndex{
		IndexName: &name, KeySchema: keySchema(fields),
		Projection: &types.Projection{ProjectionType: types.ProjectionType(projection.requiredOneOf("ProjectionType", "ALL", "KEYS_ONLY", "INCLUDE"))},
	}
	for _, attribute := range projection.list("NonKeyAttributes") {
		index.Projection.NonKeyAttributes = append(index.Projection.NonKeyAttributes, attribute.Value)
	}
	projection.finish()
	fields.finish()
	return index
}

func timeToLive(fields *fields) string {
	specification := fields.object("TimeToLiveSpecification")
	attribute := specification.text("AttributeName", "")
	enabled := specification.boolean("Enabled", false)
	specification.finish()
	if !enabled {
		return ""
	}
	return attribute
}
