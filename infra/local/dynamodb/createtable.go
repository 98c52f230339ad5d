package dynamodb

import (
	"regexp"
	"slices"
	"strings"

	"delfos/infra/local/awsjson"
)

// Limits of a table (Developer Guide, "Quotas").
const (
	maxLocalIndexes  = 5
	maxGlobalIndexes = 20
)

const namePattern = "[a-zA-Z0-9_.-]+"

var nameRegexp = regexp.MustCompile("^" + namePattern + "$")

type tableAnswer struct {
	TableDescription tableDescription
}

func (s *Server) createTable(request createTableRequest) (tableAnswer, error) {
	if err := request.validate(); err != nil {
		return tableAnswer{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, taken := s.tables[request.TableName]; taken {
		return tableAnswer{}, awsjson.Errorf("ResourceInUseException", "Table already exists: %s", request.TableName)
	}
	t, err := createTable(definition{
		createTableRequest: request,
		TableID:            newTableID(),
		CreationDateTime:   s.options.Now().Unix(),
	}, s.options)
	if err != nil {
		return tableAnswer{}, err
	}
	s.tables[request.TableName] = t
	return tableAnswer{s.describe(t, "CREATING")}, nil
}

func (r *createTableRequest) validate() error {
	if length := len(r.TableName); length < 3 || length > 255 {
		return invalid("TableName must be at least 3 characters long and at most 255 characters long")
	}
	if err := r.checkMembers(); err != nil {
		return err
	}
	if err := r.checkRefused(); err != nil {
		return err
	}
	if err := r.checkBilling(); err != nil {
		return err
	}
	if err := r.checkKeySchema(r.KeySchema); err != nil {
		return err
	}
	if err := r.checkIndexes(); err != nil {
		return err
	}
	return r.checkDefinitionsUsed()
}

func (r *createTableRequest) checkMembers() error {
	var c constraints
	if !nameRegexp.MatchString(r.TableName) {
		c.fail("'"+r.TableName+"'", "tableName", "Member must satisfy regular expression pattern: "+namePattern)
	}
	c.required("attributeDefinitions", r.AttributeDefinitions != nil)
	c.required("keySchema", r.KeySchema != nil)
	for _, d := range r.AttributeDefinitions {
		c.required("attributeDefinitions.member.attributeName", d.AttributeName != "")
		c.required("attributeDefinitions.member.attributeType", d.AttributeType != "")
		c.oneOf("attributeDefinitions.member.attributeType", string(d.AttributeType), "B", "N", "S")
	}
	c.keySchema("keySchema", r.KeySchema)
	for _, index := range r.LocalSecondaryIndexes {
		c.index("localSecondaryIndexes", index)
	}
	for _, index := range r.GlobalSecondaryIndexes {
		c.index("globalSecondaryIndexes", index)
	}
	c.oneOf("billingMode", r.BillingMode, "PROVISIONED", "PAY_PER_REQUEST")
	c.oneOf("tableClass", r.TableClass, "STANDARD", "STANDARD_INFREQUENT_ACCESS")
	return c.err()
}

func (c *constraints) keySchema(member string, schema []keySchemaElement) {
	if schema != nil {
		c.length(member, len(schema), 1, 2)
	}
	for _, element := range schema {
		c.required(member+".member.attributeName", element.AttributeName != "")
		c.required(member+".member.keyType", element.KeyType != "")
		c.oneOf(member+".member.keyType", element.KeyType, "HASH", "RANGE")
	}
}

func (c *constraints) index(member string, index secondaryIndex) {
	c.length(member+".member.indexName", len(index.IndexName), 3, 255)
	if !nameRegexp.MatchString(index.IndexName) {
		c.fail("'"+index.IndexName+"'", member+".member.indexName", "Member must satisfy regular expression pattern: "+namePattern)
	}
	c.required(member+".member.keySchema", index.KeySchema != nil)
	c.keySchema(member+".member.keySchema", index.KeySchema)
	c.oneOf(member+".member.projection.projectionType", index.Projection.ProjectionType, "ALL", "INCLUDE", "KEYS_ONLY")
}

func (r *createTableRequest) checkRefused() error {
	if r.StreamSpecification != nil && r.StreamSpecification.StreamEnabled {
		return invalid("StreamSpecification: the local DynamoDB does not implement streams")
	}
	return nil
}

func (r *createTableRequest) checkBilling() error {
	if r.BillingMode == "PAY_PER_REQUEST" {
		if r.ProvisionedThroughput != nil {
			return invalid("One or more parameter values were invalid: Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when BillingMode is PAY_PER_REQUEST")
		}
		for _, index := range r.GlobalSecondaryIndexes {
			if index.ProvisionedThroughput != nil {
				return invalid("One or more parameter values were invalid: ProvisionedThroughput should not be specified for index: %s when BillingMode is PAY_PER_REQUEST", index.IndexName)
			}
		}
		return nil
	}
	if r.ProvisionedThroughput == nil || r.ProvisionedThroughput.ReadCapacityUnits < 1 || r.ProvisionedThroughput.WriteCapacityUnits < 1 {
		return invalid("One or more parameter values were invalid: ReadCapacityUnits and WriteCapacityUnits must both be specified when BillingMode is PROVISIONED")
	}
	for _, index := range r.GlobalSecondaryIndexes {
		if index.ProvisionedThroughput == nil {
			return invalid("One or more parameter values were invalid: ProvisionedThroughput must be specified for index: %s", index.IndexName)
		}
	}
	return nil
}

func (r *createTableRequest) checkKeySchema(schema []keySchemaElement) error {
	names, defined := []string{}, []string{}
	for _, d := range r.AttributeDefinitions {
		defined = append(defined, d.AttributeName)
	}
	for _, element := range schema {
		names = append(names, element.AttributeName)
	}
	for _, name := range names {
		if !slices.Contains(defined, name) {
			return invalid("One or more parameter values were invalid: Some index key attributes are not defined in AttributeDefinitions. Keys: [%s], AttributeDefinitions: [%s]",
				strings.Join(names, ", "), strings.Join(defined, ", "))
		}
	}
	switch {
	case len(names) == 2 && names[0] == names[1]:
		return invalid("Both the Hash Key and the Range Key element in the KeySchema have the same name")
	case schema[0].KeyType != "HASH":
		return invalid("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
	case len(schema) == 2 && schema[1].KeyType != "RANGE":
		return invalid("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
	}
	return nil
}
