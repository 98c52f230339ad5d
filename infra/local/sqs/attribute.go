package sqs

import (
	"crypto/md5" //nolint:gosec // the checksum that SQS's protocol has
	"encoding/binary"
	"encoding/hex"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// An attribute is a MessageAttributeValue (Amazon SQS API Reference).
type attribute struct {
	DataType    string  // String, Number or Binary, and a label of the sender's after a dot
	StringValue *string `json:",omitempty"`
	BinaryValue []byte  `json:",omitempty"`
}

const maxAttributes = 10 // Amazon SQS Developer Guide, "Amazon SQS message metadata"

var (
	attributeName = regexp.MustCompile(`^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$`)
	attributeType = regexp.MustCompile(`^(String|Number|Binary)(\.[^\x00-\x1f]+)?$`)
)

func checkAttributes(attributes map[string]attribute) error {
	if len(attributes) > maxAttributes {
		return refuse("InvalidParameterValue", "MessageAttributes: %d of them; want at most %d", len(attributes), maxAttributes)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		one := attributes[name]
		lower := strings.ToLower(name)
		switch {
		case len(name) > 256 || !attributeName.MatchString(name) || strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon."):
			return refuse("InvalidParameterValue", "MessageAttributes: the name %q is invalid: want up to 256 letters, digits, _, - and single dots, not beginning with AWS. or Amazon.", name)
		case len(one.DataType) > 256 || !attributeType.MatchString(one.DataType):
			return refuse("InvalidParameterValue", "The message attribute '%s' has an invalid message attribute type %q: want String, Number or Binary, with or without a label after a dot", name, one.DataType)
		case one.isBinary() && (one.StringValue != nil || len(one.BinaryValue) == 0),
			!one.isBinary() && (one.BinaryValue != nil || one.StringValue == nil || *one.StringValue == ""):
			return refuse("InvalidParameterValue", "The message attribute '%s' must contain a non-empty value of its type %s, and no other", name, one.DataType)
		}
	}
	return nil
}

func (a attribute) isBinary() bool { return strings.HasPrefix(a.DataType, "Binary") }

func (a attribute) bytes() []byte {
	if a.isBinary() {
		return a.BinaryValue
	}
	return []byte(*a.StringValue)
}

func sizeOf(attributes map[string]attribute) int {
	size := 0
	for name, one := range attributes {
		size += len(name) + len(one.DataType) + len(one.bytes())
	}
	return size
}

// selectAttributes are those that ReceiveMessage was asked for: by name, by prefix
// ("device.*"), or All.
func selectAttributes(attributes map[string]attribute, wanted []string) map[string]attribute {
	selected := map[string]attribute{}
	for name, one := range attributes {
		for _, pattern := range wanted {
			prefix, isPrefix := strings.CutSuffix(pattern, ".*")
			if pattern == "All" || name == pattern || (isPrefix && strings.HasPrefix(name, prefix)) {
				selected[name] = one
			}
		}
	}
	return selected
}

func digest(text string) string {
	sum := md5.Sum([]byte(text)) //nolint:gosec // as above
	return hex.EncodeToString(sum[:])
}

// digestAttributes is the MD5 that SDKs verify (Amazon SQS Developer Guide,
// "Calculating the MD5 message digest for message attributes"); "" of none.
func digestAttributes(attributes map[string]attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	var encoded []byte
	add := func(part []byte) {
		encoded = binary.BigEndian.AppendUint32(encoded, uint32(len(part)))
		encoded = append(encoded, part...)
	}
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		one := attributes[name]
		add([]byte(name))
		add([]byte(one.DataType))
		transport := byte(1)
		if one.isBinary() {
			transport = 2
		}
		encoded = append(encoded, transport)
		add(one.bytes())
	}
	return digest(string(encoded))
}
