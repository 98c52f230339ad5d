package expression

import (
	"iter"
	"maps"
	"slices"

	"delfos/infra/local/dynamodb/attribute"
)

// removed marks the place of a removed value until the update is through, so that
// the other indexes into its list keep their meaning.
type removed struct{ attribute.Null }

// editAt returns container with the value at path changed, copying what it changes.
// The change gets nil where there is no value.
func editAt(container attribute.Value, path Path, change func(attribute.Value) (attribute.Value, error)) (attribute.Value, error) {
	if len(path) == 0 {
		return change(container)
	}
	step := path[0]
	switch container := container.(type) {
	case attribute.Map:
		if step.List {
			return nil, errInvalidPath
		}
		edited, err := editAt(container[step.Name], path[1:], change)
		if err != nil {
			return nil, err
		}
		changed := maps.Clone(container)
		changed[step.Name] = edited
		return changed, nil
	case attribute.List:
		if !step.List {
			return nil, errInvalidPath
		}
		return editElement(container, step.Index, path[1:], change)
	default:
		return nil, errInvalidPath
	}
}

func editElement(list attribute.List, index int, rest Path, change func(attribute.Value) (attribute.Value, error)) (attribute.Value, error) {
	var old attribute.Value
	if index < len(list) {
		old = list[index]
	}
	edited, err := editAt(old, rest, change)
	if err != nil {
		return nil, err
	}
	changed := slices.Clone(list)
	if index < len(list) {
		changed[index] = edited
		return changed, nil
	}
	return append(changed, edited), nil
}

// closeRanks drops the removed marks.
func closeRanks(value attribute.Value) attribute.Value {
	switch container := value.(type) {
	case attribute.Map:
		if !hasRemoved(maps.Values(container)) {
			return container
		}
		kept := attribute.Map{}
		for name, member := range container {
			if _, gone := member.(removed); !gone {
				kept[name] = closeRanks(member)
			}
		}
		return kept
	case attribute.List:
		if !hasRemoved(slices.Values(container)) {
			return container
		}
		kept := attribute.List{}
		for _, element := range container {
			if _, gone := element.(removed); !gone {
				kept = append(kept, closeRanks(element))
			}
		}
		return kept
	default:
		return value
	}
}

// hasRemoved looks for removed marks at any depth.
func hasRemoved(values iter.Seq[attribute.Value]) bool {
	for value := range values {
		switch value := value.(type) {
		case removed:
			return true
		case attribute.Map:
			if hasRemoved(maps.Values(value)) {
				return true
			}
		case attribute.List:
			if hasRemoved(slices.Values(value)) {
				return true
			}
		}
	}
	return false
}
