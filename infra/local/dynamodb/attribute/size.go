package attribute

// Size is the size of an item in bytes: attribute names in UTF-8 and values
// (Developer Guide, "DynamoDB item sizes and formats").
func (m Map) Size() int {
	total := 0
	for name, value := range m {
		total += len(name) + value.size()
	}
	return total
}

// containerOverhead is what a list or a map takes beside its elements, each of
// which takes one byte more than itself.
const containerOverhead = 3

func (m Map) size() int { return containerOverhead + len(m) + m.Size() }

func (l List) size() int {
	total := containerOverhead
	for _, element := range l {
		total += 1 + element.size()
	}
	return total
}

func (s Set) size() int {
	total := 0
	for _, member := range s.members {
		total += member.size()
	}
	return total
}

// size is one byte for two significant digits and one more, and one for a sign.
func (n Number) size() int {
	total := 1 + (len(n.digits)+1)/2
	if n.negative {
		total++
	}
	return total
}

func (s String) size() int { return len(s) }
func (b Binary) size() int { return len(b) }
func (Bool) size() int     { return 1 }
func (Null) size() int     { return 1 }

// Length is what the function size() of expressions answers: bytes of a string or
// binary, elements of a set, list or map; ok is false for any other type.
func Length(v Value) (length int, ok bool) {
	switch v := v.(type) {
	case String:
		return len(v), true
	case Binary:
		return len(v), true
	case Set:
		return v.Len(), true
	case List:
		return len(v), true
	case Map:
		return len(v), true
	default:
		return 0, false
	}
}
