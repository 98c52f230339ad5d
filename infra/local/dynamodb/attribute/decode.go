package attribute

import (
	"encoding/json"

	"delfos/infra/local/awsjson"
)

// maxDepth is how deeply lists and maps may nest (Developer Guide, "Quotas",
// Nested attribute depth).
const maxDepth = 32

func invalid(format string, args ...any) error {
	return awsjson.Errorf("ValidationException", format, args...)
}

// wire is an attribute value as the protocol writes it: exactly one member is set.
type wire struct {
	S    *string         `json:"S"`
	N    *string         `json:"N"`
	B    []byte          `json:"B"`
	BOOL *bool           `json:"BOOL"`
	NULL *bool           `json:"NULL"`
	SS   []string        `json:"SS"`
	NS   []string        `json:"NS"`
	BS   [][]byte        `json:"BS"`
	L    []wire          `json:"L"`
	M    map[string]wire `json:"M"`
}

// UnmarshalJSON reads a map of attribute values. Its errors are *awsjson.Error:
// a ValidationException in DynamoDB's words, or a SerializationException.
func (m *Map) UnmarshalJSON(data []byte) error {
	var members map[string]wire
	if err := json.Unmarshal(data, &members); err != nil {
		return awsjson.Errorf("SerializationException", "an attribute value cannot be read: %v", err)
	}
	if members == nil {
		*m = nil
		return nil
	}
	decoded, err := decodeMap(members, 1)
	if err != nil {
		return err
	}
	*m = decoded
	return nil
}

func decodeMap(members map[string]wire, depth int) (Map, error) {
	decoded := make(Map, len(members))
	for name, member := range members {
		value, err := member.decode(depth)
		if err != nil {
			return nil, err
		}
		decoded[name] = value
	}
	return decoded, nil
}

func (w wire) decode(depth int) (Value, error) {
	if depth > maxDepth+1 {
		return nil, invalid("Nesting Levels have exceeded supported limits")
	}
	switch w.members() {
	case 0:
		return nil, invalid("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
	case 1:
	default:
		return nil, invalid("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
	}
	switch {
	case w.S != nil:
		return String(*w.S), nil
	case w.N != nil:
		return orNil(ParseNumber(*w.N))
	case w.B != nil:
		return Binary(w.B), nil
	case w.BOOL != nil:
		return Bool(*w.BOOL), nil
	case w.NULL != nil && !*w.NULL:
		return nil, invalid("One or more parameter values were invalid: Null attribute value types must have the value of true")
	case w.NULL != nil:
		return Null{}, nil
	case w.L != nil:
		return decodeList(w.L, depth)
	case w.M != nil:
		return orNil(decodeMap(w.M, depth+1))
	default:
		return w.decodeSet()
	}
}

func (w wire) members() int {
	count := 0
	for _, set := range []bool{
		w.S != nil, w.N != nil, w.B != nil, w.BOOL != nil, w.NULL != nil,
		w.SS != nil, w.NS != nil, w.BS != nil, w.L != nil, w.M != nil,
	} {
		if set {
			count++
		}
	}
	return count
}

// orNil keeps an error from travelling with a typed zero value.
func orNil[T Value](value T, err error) (Value, error) {
	if err != nil {
		return nil, err
	}
	return value, nil
}

func decodeList(elements []wire, depth int) (Value, error) {
	decoded := make(List, len(elements))
	for i, element := range elements {
		value, err := element.decode(depth + 1)
		if err != nil {
			return nil, err
		}
		decoded[i] = value
	}
	return decoded, nil
}

func (w wire) decodeSet() (Value, error) {
	switch {
	case w.SS != nil && len(w.SS) == 0:
		return nil, invalid("One or more parameter values were invalid: An string set  may not be empty")
	case w.NS != nil && len(w.NS) == 0:
		return nil, invalid("One or more parameter values were invalid: An number set  may not be empty")
	case w.BS != nil && len(w.BS) == 0:
		return nil, invalid("One or more parameter values were invalid: Binary sets should not be empty")
	}
	set := Set{setType: TypeStringSet}
	for _, s := range w.SS {
		set.members = append(set.members, String(s))
	}
	for _, n := range w.NS {
		number, err := ParseNumber(n)
		if err != nil {
			return nil, err
		}
		set.setType, set.members = TypeNumberSet, append(set.members, number)
	}
	for _, b := range w.BS {
		set.setType, set.members = TypeBinarySet, append(set.members, Binary(b))
	}
	return set, set.checkDistinct()
}

func (s Set) checkDistinct() error {
	seen := make(map[Value]bool, len(s.members))
	for _, member := range s.members {
		if !seen[member] {
			seen[member] = true
			continue
		}
		switch s.setType {
		case TypeNumberSet:
			return invalid("Input collection contains duplicates")
		case TypeBinarySet:
			return invalid("One or more parameter values were invalid: Input collection %s of type BS contains duplicates.", describeMembers(s))
		default:
			return invalid("One or more parameter values were invalid: Input collection %s contains duplicates.", describeMembers(s))
		}
	}
	return nil
}
