package eventbridge

import "slices"

// matches says whether a value of an event is an object that matches. Of a list of
// objects one must.
func (n node) matches(value any) bool {
	if list, ok := value.([]any); ok {
		return slices.ContainsFunc(list, n.matches)
	}
	object, _ := value.(map[string]any) // of no object, all members are absent
	for name, member := range n.members {
		inside, present := object[name]
		if member.object != nil && !member.object.matches(inside) {
			return false
		}
		if member.object == nil && !member.matchesLeaves(leavesOf(inside, present)) {
			return false
		}
	}
	return len(n.or) == 0 || slices.ContainsFunc(n.or, func(alternative node) bool { return alternative.matches(value) })
}

// matchesLeaves says whether one of the values is one of those in the list.
func (m member) matchesLeaves(leaves []any) bool {
	if len(leaves) == 0 {
		return m.absence
	}
	return slices.ContainsFunc(leaves, func(leaf any) bool {
		return slices.ContainsFunc(m.anyOf, func(one matcher) bool { return one(leaf) })
	})
}

// leavesOf are the values that a list of a pattern is compared with: the member
// itself or, where it is a list, what is in it. Objects are no values.
func leavesOf(value any, present bool) []any {
	switch value := value.(type) {
	case map[string]any:
		return nil
	case []any:
		var leaves []any
		for _, item := range value {
			leaves = append(leaves, leavesOf(item, true)...)
		}
		return leaves
	}
	if !present {
		return nil
	}
	return []any{value}
}
