package logs

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"delfos/infra/local/awsjson"
)

const (
	maxPageEvents = 10_000  // CloudWatch Logs API Reference, GetLogEvents and FilterLogEvents
	maxPageBytes  = 1 << 20 // the same, "up to 1 MB of log events"
	maxPageItems  = 50      // the same, the Describe operations
)

// TargetPrefix is CloudWatch Logs'.
func (s *Store) TargetPrefix() string { return "Logs_20140328" }

// Call carries out DescribeLogGroups, DescribeLogStreams, GetLogEvents or
// FilterLogEvents, and refuses every other operation.
func (s *Store) Call(_ context.Context, operation string, body []byte) (any, error) {
	switch operation {
	case "DescribeLogGroups":
		return answer(body, s.describeLogGroups)
	case "DescribeLogStreams":
		return answer(body, s.describeLogStreams)
	case "GetLogEvents":
		return answer(body, s.getLogEvents)
	case "FilterLogEvents":
		return answer(body, s.filterLogEvents)
	}
	return nil, awsjson.UnknownOperation("CloudWatch Logs", operation)
}

func answer[Q, A any](body []byte, operation func(Q) (A, error)) (any, error) {
	request, err := awsjson.Decode[Q](body)
	if err != nil {
		return nil, err
	}
	return operation(request)
}

func invalidParameter(format string, args ...any) error {
	return awsjson.Errorf("InvalidParameterException", format, args...)
}

func notFound(what string) error {
	return awsjson.Errorf("ResourceNotFoundException", "The specified %s does not exist.", what)
}

var groupARN = regexp.MustCompile(`^arn:[^:]+:logs:[^:]*:[^:]*:log-group:([^:]+)(:\*)?$`)

// groupOf takes the group that a request names by exactly one of name and
// identifier, which is a name or an ARN.
func groupOf(name, identifier string) (string, error) {
	if (name == "") == (identifier == "") {
		return "", invalidParameter("exactly one of logGroupName and logGroupIdentifier must be given")
	}
	if match := groupARN.FindStringSubmatch(identifier); match != nil {
		return match[1], nil
	}
	return name + identifier, nil
}

func (s *Store) groupARN(name string) string {
	return fmt.Sprintf("arn:aws:logs:%s:%s:log-group:%s", s.options.Region, s.options.AccountID, name)
}

// limitOf checks a request's limit; absent means the largest.
func limitOf(limit *int, largest int) (int, error) {
	if limit == nil {
		return largest, nil
	}
	if *limit < 1 || *limit > largest {
		return 0, invalidParameter("limit %d: want 1 to %d", *limit, largest)
	}
	return *limit, nil
}

// page sorts items by a key of their own and returns those after the token, with
// the token of the next page, or "" when there is none.
func page[T any](items []T, key func(T) string, descending bool, token string, limit int) ([]T, string, error) {
	order := func(a, b string) int {
		if descending {
			return strings.Compare(b, a)
		}
		return strings.Compare(a, b)
	}
	slices.SortFunc(items, func(a, b T) int { return order(key(a), key(b)) })
	if token != "" {
		after, err := decodeToken[string](token)
		if err != nil {
			return nil, "", err
		}
		items = slices.DeleteFunc(items, func(item T) bool { return order(key(item), after) <= 0 })
	}
	if len(items) <= limit {
		return items, "", nil
	}
	return items[:limit], encodeToken(key(items[limit-1])), nil
}

func encodeToken[T any](content T) string {
	encoded, _ := json.Marshal(content) // strings and numbers alone, which always encode
	return base64.RawURLEncoding.EncodeToString(encoded)
}

func decodeToken[T any](token string) (T, error) {
	var content T
	encoded, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil {
		err = json.Unmarshal(encoded, &content)
	}
	if err != nil {
		return content, invalidParameter("The specified nextToken is invalid.")
	}
	return content, nil
}
