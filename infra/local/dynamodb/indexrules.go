package dynamodb

import (
	"slices"
)

func (r *createTableRequest) checkIndexes() error {
	switch {
	case r.LocalSecondaryIndexes != nil && len(r.LocalSecondaryIndexes) == 0:
		return invalid("One or more parameter values were invalid: List of LocalSecondaryIndexes is empty")
	case r.GlobalSecondaryIndexes != nil && len(r.GlobalSecondaryIndexes) == 0:
		return invalid("One or more parameter values were invalid: List of GlobalSecondaryIndexes is empty")
	case len(r.LocalSecondaryIndexes) > 0 && len(r.KeySchema) != 2:
		return invalid("One or more parameter values were invalid: Table KeySchema does not have a range key, which is required when specifying a LocalSecondaryIndex")
	case len(r.LocalSecondaryIndexes) > maxLocalIndexes:
		return invalid("One or more parameter values were invalid: Number of LocalSecondaryIndexes exceeds per-table limit of %d", maxLocalIndexes)
	case len(r.GlobalSecondaryIndexes) > maxGlobalIndexes:
		return invalid("One or more parameter values were invalid: GlobalSecondaryIndex count exceeds the per-table limit of %d", maxGlobalIndexes)
	}
	names := map[string]bool{}
	for i, index := range slices.Concat(r.LocalSecondaryIndexes, r.GlobalSecondaryIndexes) {
		if err := r.checkIndex(index); err != nil {
			return err
		}
		if i < len(r.LocalSecondaryIndexes) {
			if err := r.checkLocalIndex(index); err != nil {
				return err
			}
		}
		if names[index.IndexName] {
			return invalid("One or more parameter values were invalid: Duplicate index name: %s", index.IndexName)
		}
		names[index.IndexName] = true
	}
	return nil
}

func (r *createTableRequest) checkIndex(index secondaryIndex) error {
	if err := r.checkKeySchema(index.KeySchema); err != nil {
		return err
	}
	attributes := index.Projection.NonKeyAttributes
	switch projectionType := index.Projection.ProjectionType; {
	case projectionType == "":
		return invalid("One or more parameter values were invalid: Unknown ProjectionType: null")
	case projectionType != "INCLUDE" && attributes != nil:
		return invalid("One or more parameter values were invalid: ProjectionType is %s, but NonKeyAttributes is specified", projectionType)
	case projectionType == "INCLUDE" && len(attributes) == 0:
		return invalid("One or more parameter values were invalid: ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
	}
	return nil
}

func (r *createTableRequest) checkLocalIndex(index secondaryIndex) error {
	if len(index.KeySchema) != 2 {
		return invalid("One or more parameter values were invalid: Index KeySchema does not have a range key for index: %s", index.IndexName)
	}
	own, tables := index.KeySchema[0].AttributeName, r.KeySchema[0].AttributeName
	if own != tables {
		return invalid("One or more parameter values were invalid: Index KeySchema does not have the same leading hash key as table KeySchema for index: %s. index hash key: %s, table hash key: %s",
			index.IndexName, own, tables)
	}
	return nil
}

// checkDefinitionsUsed refuses attribute definitions that are no key's.
func (r *createTableRequest) checkDefinitionsUsed() error {
	used := map[string]bool{}
	schemas := [][]keySchemaElement{r.KeySchema}
	for _, index := range slices.Concat(r.LocalSecondaryIndexes, r.GlobalSecondaryIndexes) {
		schemas = append(schemas, index.KeySchema)
	}
	for _, element := range slices.Concat(schemas...) {
		used[element.AttributeName] = true
	}
	if len(used) == len(r.AttributeDefinitions) {
		return nil
	}
	if len(schemas) == 1 {
		return invalid("One or more parameter values were invalid: Number of attributes in KeySchema does not exactly match number of attributes defined in AttributeDefinitions")
	}
	return invalid("One or more parameter values were invalid: Some AttributeDefinitions are not used. AttributeDefinitions: %d, keys used: %d", len(r.AttributeDefinitions), len(used))
}
