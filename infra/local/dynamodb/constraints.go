package dynamodb

import (
	"fmt"
	"slices"
	"strings"
)

// constraints collects what the service's model demands of members and a request
// does not keep; DynamoDB answers all of it at once.
type constraints struct{ failures []string }

func (c *constraints) fail(value, member, rule string) {
	c.failures = append(c.failures, fmt.Sprintf("Value %s at '%s' failed to satisfy constraint: %s", value, member, rule))
}

func (c *constraints) required(member string, present bool) {
	if !present {
		c.fail("null", member, "Member must not be null")
	}
}

// oneOf accepts an absent member.
func (c *constraints) oneOf(member, value string, allowed ...string) {
	if value != "" && !slices.Contains(allowed, value) {
		c.fail("'"+value+"'", member, "Member must satisfy enum value set: ["+strings.Join(allowed, ", ")+"]")
	}
}

// between accepts an absent member.
func (c *constraints) between(member string, value *int, low, high int) {
	switch {
	case value == nil:
	case *value < low:
		c.fail(fmt.Sprintf("'%d'", *value), member, fmt.Sprintf("Member must have value greater than or equal to %d", low))
	case *value > high:
		c.fail(fmt.Sprintf("'%d'", *value), member, fmt.Sprintf("Member must have value less than or equal to %d", high))
	}
}

func (c *constraints) length(member string, length, low, high int) {
	switch {
	case length < low:
		c.fail(fmt.Sprintf("of length %d", length), member, fmt.Sprintf("Member must have length greater than or equal to %d", low))
	case length > high:
		c.fail(fmt.Sprintf("of length %d", length), member, fmt.Sprintf("Member must have length less than or equal to %d", high))
	}
}

func (c *constraints) consumedCapacity(value string) {
	c.oneOf("returnConsumedCapacity", value, "INDEXES", "TOTAL", "NONE")
}

func (c *constraints) err() error {
	switch count := len(c.failures); count {
	case 0:
		return nil
	case 1:
		return invalid("1 validation error detected: %s", c.failures[0])
	default:
		return invalid("%d validation errors detected: %s", count, strings.Join(c.failures, "; "))
	}
}
