package attribute

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
)

// MarshalJSON writes the map as the protocol does, members in order of their names.
func (m Map) MarshalJSON() ([]byte, error) {
	const braces = 16 // and quotation marks, for a short attribute
	return m.AppendJSON(make([]byte, 0, m.Size()+braces*(len(m)+1))), nil
}

// AppendJSON appends what MarshalJSON writes.
func (m Map) AppendJSON(dst []byte) []byte {
	names := make([]string, 0, len(m))
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	dst = append(dst, '{')
	for i, name := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(appendJSONString(dst, name), ':')
		dst = m[name].appendJSON(dst)
	}
	return append(dst, '}')
}

func (m Map) appendJSON(dst []byte) []byte {
	return append(m.AppendJSON(append(dst, `{"M":`...)), '}')
}

func (l List) appendJSON(dst []byte) []byte {
	dst = append(dst, `{"L":[`...)
	for i, element := range l {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = element.appendJSON(dst)
	}
	return append(dst, `]}`...)
}

func (s Set) appendJSON(dst []byte) []byte {
	dst = append(append(append(dst, `{"`...), s.setType...), `":[`...)
	for i, member := range s.members {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendScalar(dst, member)
	}
	return append(dst, `]}`...)
}

func (s String) appendJSON(dst []byte) []byte {
	return append(appendScalar(append(dst, `{"S":`...), s), '}')
}

func (n Number) appendJSON(dst []byte) []byte {
	return append(appendScalar(append(dst, `{"N":`...), n), '}')
}

func (b Binary) appendJSON(dst []byte) []byte {
	return append(appendScalar(append(dst, `{"B":`...), b), '}')
}

func (b Bool) appendJSON(dst []byte) []byte {
	return append(strconv.AppendBool(append(dst, `{"BOOL":`...), bool(b)), '}')
}

func (Null) appendJSON(dst []byte) []byte { return append(dst, `{"NULL":true}`...) }

func appendScalar(dst []byte, scalar Value) []byte {
	switch v := scalar.(type) {
	case String:
		return appendJSONString(dst, string(v))
	case Number:
		return append(append(append(dst, '"'), v.String()...), '"')
	case Binary:
		return append(base64.StdEncoding.AppendEncode(append(dst, '"'), []byte(v)), '"')
	default:
		panic("attribute: " + string(scalar.Type()) + " is not a member of a set")
	}
}

func appendJSONString(dst []byte, s string) []byte {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			quoted, err := json.Marshal(s)
			if err != nil {
				panic(err) // a string always marshals
			}
			return append(dst, quoted...)
		}
	}
	return append(append(append(dst, '"'), s...), '"')
}
