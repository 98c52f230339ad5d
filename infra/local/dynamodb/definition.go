package dynamodb

import (
	"slices"

	"delfos/infra/local/dynamodb/attribute"
)

type (
	attributeDefinition struct {
		AttributeName string
		AttributeType attribute.Type
	}
	keySchemaElement struct {
		AttributeName string
		KeyType       string
	}
	projection struct {
		ProjectionType   string
		NonKeyAttributes []string `json:",omitempty"`
	}
	throughput struct {
		ReadCapacityUnits  int64
		WriteCapacityUnits int64
	}
	onDemandThroughput struct {
		MaxReadRequestUnits  *int64 `json:",omitempty"`
		MaxWriteRequestUnits *int64 `json:",omitempty"`
	}
	secondaryIndex struct {
		IndexName             string
		KeySchema             []keySchemaElement
		Projection            projection
		ProvisionedThroughput *throughput         `json:",omitempty"`
		OnDemandThroughput    *onDemandThroughput `json:",omitempty"`
	}
	sseSpecification struct {
		Enabled        bool
		SSEType        string `json:",omitempty"`
		KMSMasterKeyID string `json:"KMSMasterKeyId,omitempty"`
	}
	streamSpecification struct {
		StreamEnabled  bool
		StreamViewType string `json:",omitempty"`
	}
	tag struct{ Key, Value string }
)

// createTableRequest is CreateTable's; what a table is made of, apart from its
// items, is kept in this form.
type createTableRequest struct {
	TableName                 string
	AttributeDefinitions      []attributeDefinition
	KeySchema                 []keySchemaElement
	LocalSecondaryIndexes     []secondaryIndex     `json:",omitempty"`
	GlobalSecondaryIndexes    []secondaryIndex     `json:",omitempty"`
	BillingMode               string               `json:",omitempty"`
	ProvisionedThroughput     *throughput          `json:",omitempty"`
	OnDemandThroughput        *onDemandThroughput  `json:",omitempty"`
	SSESpecification          *sseSpecification    `json:",omitempty"`
	StreamSpecification       *streamSpecification `json:",omitempty"`
	TableClass                string               `json:",omitempty"`
	Tags                      []tag                `json:",omitempty"`
	DeletionProtectionEnabled bool                 `json:",omitempty"`
}

// definition is all that a table is apart from its items.
type definition struct {
	createTableRequest
	TableID          string `json:"TableId"`
	CreationDateTime int64  // seconds since 1970
	TimeToLive       *timeToLiveSpecification
}

// timeToLiveAttribute is the attribute that expires items; empty for none.
func (d *definition) timeToLiveAttribute() string {
	if d.TimeToLive == nil || !d.TimeToLive.Enabled {
		return ""
	}
	return d.TimeToLive.AttributeName
}

func (r *createTableRequest) keys(schema []keySchemaElement) keySchema {
	keys := keySchema{hash: r.key(schema[0].AttributeName)}
	if len(schema) > 1 {
		sortKey := r.key(schema[1].AttributeName)
		keys.sort = &sortKey
	}
	return keys
}

func (r *createTableRequest) key(name string) keyAttribute {
	at := slices.IndexFunc(r.AttributeDefinitions, func(d attributeDefinition) bool { return d.AttributeName == name })
	return keyAttribute{name, r.AttributeDefinitions[at].AttributeType}
}
