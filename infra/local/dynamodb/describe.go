package dynamodb

import (
	"maps"
	"slices"
)

type (
	throughputDescription struct {
		throughput
		NumberOfDecreasesToday int64
	}
	indexDescription struct {
		IndexName             string
		IndexArn              string
		KeySchema             []keySchemaElement
		Projection            projection
		IndexStatus           string                 `json:",omitempty"`
		ProvisionedThroughput *throughputDescription `json:",omitempty"`
		OnDemandThroughput    *onDemandThroughput    `json:",omitempty"`
		ItemCount             int
		IndexSizeBytes        int64
	}
	billingModeSummary struct{ BillingMode string }
	tableClassSummary  struct{ TableClass string }
	sseDescription     struct {
		Status          string
		SSEType         string
		KMSMasterKeyArn string `json:",omitempty"`
	}
	tableDescription struct {
		TableName                 string
		TableID                   string `json:"TableId"`
		TableArn                  string
		TableStatus               string
		CreationDateTime          int64 // seconds since 1970
		AttributeDefinitions      []attributeDefinition
		KeySchema                 []keySchemaElement
		LocalSecondaryIndexes     []indexDescription `json:",omitempty"`
		GlobalSecondaryIndexes    []indexDescription `json:",omitempty"`
		ProvisionedThroughput     throughputDescription
		OnDemandThroughput        *onDemandThroughput `json:",omitempty"`
		BillingModeSummary        *billingModeSummary `json:",omitempty"`
		TableClassSummary         *tableClassSummary  `json:",omitempty"`
		SSEDescription            *sseDescription     `json:",omitempty"`
		DeletionProtectionEnabled bool
		ItemCount                 int
		TableSizeBytes            int64
	}
)

type (
	describeTableRequest struct{ TableName *string }
	describeTableAnswer  struct{ Table tableDescription }
)

func (s *Server) describeTable(request describeTableRequest) (describeTableAnswer, error) {
	t, err := s.namedTable(request.TableName)
	if err != nil {
		return describeTableAnswer{}, err
	}
	return describeTableAnswer{s.describe(t, "ACTIVE")}, nil
}

// namedTable is table with the message of the operations on tables.
func (s *Server) namedTable(name *string) (*table, error) {
	t, err := s.table(name)
	if err != nil && name != nil {
		return nil, errTableNotFound(*name)
	}
	return t, err
}

func (s *Server) describe(t *table, status string) tableDescription {
	t.mu.RLock()
	defer t.mu.RUnlock()
	d := &t.definition
	description := tableDescription{
		TableName:                 d.TableName,
		TableID:                   d.TableID,
		TableArn:                  s.tableARN(d.TableName),
		TableStatus:               status,
		CreationDateTime:          d.CreationDateTime,
		AttributeDefinitions:      d.AttributeDefinitions,
		KeySchema:                 d.KeySchema,
		ProvisionedThroughput:     *describeThroughput(d.ProvisionedThroughput),
		OnDemandThroughput:        d.OnDemandThroughput,
		SSEDescription:            d.SSESpecification.describe(),
		DeletionProtectionEnabled: d.DeletionProtectionEnabled,
		ItemCount:                 t.primary.entries.Len(),
		TableSizeBytes:            t.primary.size,
	}
	if d.BillingMode == "PAY_PER_REQUEST" {
		description.BillingModeSummary = &billingModeSummary{d.BillingMode}
	}
	if d.TableClass != "" {
		description.TableClassSummary = &tableClassSummary{d.TableClass}
	}
	for i, of := range slices.Concat(d.LocalSecondaryIndexes, d.GlobalSecondaryIndexes) {
		x := t.indexes[i]
		described := indexDescription{
			IndexName: of.IndexName, IndexArn: s.tableARN(d.TableName) + "/index/" + of.IndexName,
			KeySchema: of.KeySchema, Projection: of.Projection,
			ItemCount: x.entries.Len(), IndexSizeBytes: x.size,
		}
		if !x.global {
			description.LocalSecondaryIndexes = append(description.LocalSecondaryIndexes, described)
			continue
		}
		described.IndexStatus = status
		described.ProvisionedThroughput = describeThroughput(of.ProvisionedThroughput)
		described.OnDemandThroughput = of.OnDemandThroughput
		description.GlobalSecondaryIndexes = append(description.GlobalSecondaryIndexes, described)
	}
	return description
}

func describeThroughput(of *throughput) *throughputDescription {
	if of == nil {
		return &throughputDescription{}
	}
	return &throughputDescription{throughput: *of}
}

func (s *sseSpecification) describe() *sseDescription {
	if s == nil || !s.Enabled {
		return nil
	}
	return &sseDescription{Status: "ENABLED", SSEType: "KMS", KMSMasterKeyArn: s.KMSMasterKeyID}
}

type (
	listTablesRequest struct {
		ExclusiveStartTableName *string
		Limit                   *int
	}
	listTablesAnswer struct {
		TableNames             []string
		LastEvaluatedTableName string `json:",omitempty"`
	}
)

func (s *Server) listTables(request listTablesRequest) (listTablesAnswer, error) {
	const most = 100
	var c constraints
	c.between("limit", request.Limit, 1, most)
	if err := c.err(); err != nil {
		return listTablesAnswer{}, err
	}
	s.mu.RLock()
	names := slices.Sorted(maps.Keys(s.tables))
	s.mu.RUnlock()
	if after := request.ExclusiveStartTableName; after != nil {
		at, found := slices.BinarySearch(names, *after)
		if found {
			at++
		}
		names = names[at:]
	}
	limit := most
	if request.Limit != nil {
		limit = *request.Limit
	}
	if len(names) <= limit {
		return listTablesAnswer{TableNames: append([]string{}, names...)}, nil
	}
	return listTablesAnswer{names[:limit], names[limit-1]}, nil
}

type deleteTableRequest struct{ TableName *string }

func (s *Server) deleteTable(request deleteTableRequest) (tableAnswer, error) {
	t, err := s.namedTable(request.TableName)
	if err != nil {
		return tableAnswer{}, err
	}
	if t.definition.DeletionProtectionEnabled {
		return tableAnswer{}, invalid("Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tables[t.definition.TableName] != t {
		return tableAnswer{}, errTableNotFound(*request.TableName)
	}
	description := s.describe(t, "DELETING")
	if err := t.drop(); err != nil {
		return tableAnswer{}, err
	}
	delete(s.tables, t.definition.TableName)
	return tableAnswer{description}, nil
}
