package eventbridge

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"time"

	"delfos/infra/local/awsjson"
)

type putEventsRequest struct {
	Entries []entry
}

// An entry is a PutEventsRequestEntry.
type entry struct {
	Time         *float64 // seconds since 1970
	Source       string
	Resources    []string
	DetailType   string
	Detail       string
	EventBusName string
}

// entryResult is a PutEventsResultEntry.
type entryResult struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

// The bounds of PutEvents (EventBridge API Reference).
const (
	maxEntries    = 10
	maxEntryBytes = 1 << 20
)

func (b *Bus) putEvents(request putEventsRequest) (any, error) {
	if n := len(request.Entries); n < 1 || n > maxEntries {
		return nil, awsjson.Errorf("ValidationException", "Entries: %d of them; want 1 to %d", n, maxEntries)
	}
	answer := struct {
		FailedEntryCount int
		Entries          []entryResult
	}{}
	for _, one := range request.Entries {
		result := b.putEntry(one)
		if result.ErrorCode != "" {
			answer.FailedEntryCount++
		}
		answer.Entries = append(answer.Entries, result)
	}
	return answer, nil
}

func (b *Bus) putEntry(one entry) entryResult {
	if result := b.checkEntry(one); result.ErrorCode != "" {
		return result
	}
	event := Event{DetailType: one.DetailType, Source: one.Source, Resources: one.Resources, Detail: json.RawMessage(one.Detail)}
	if one.Time != nil {
		whole, fraction := math.Modf(*one.Time)
		event.Time = time.Unix(int64(whole), int64(fraction*1e9))
	}
	id, err := b.Put(event)
	if err != nil {
		return entryResult{ErrorCode: "InternalFailure", ErrorMessage: err.Error()}
	}
	return entryResult{EventID: id}
}

func (b *Bus) checkEntry(one entry) entryResult {
	size := len(one.Source) + len(one.DetailType) + len(one.Detail) + len(strings.Join(one.Resources, ""))
	_, err := parseObject(one.Detail)
	switch {
	case b.checkBus(one.EventBusName) != nil:
		return entryResult{ErrorCode: "InvalidArgument", ErrorMessage: b.checkBus(one.EventBusName).Error()}
	case one.Source == "":
		return entryResult{ErrorCode: "InvalidArgument", ErrorMessage: "Parameter Source is not valid. Reason: Source is a required argument."}
	case one.DetailType == "":
		return entryResult{ErrorCode: "InvalidArgument", ErrorMessage: "Parameter DetailType is not valid. Reason: DetailType is a required argument."}
	case one.Detail == "":
		return entryResult{ErrorCode: "InvalidArgument", ErrorMessage: "Parameter Detail is not valid. Reason: Detail is a required argument."}
	case strings.HasPrefix(one.Source, "aws."):
		return entryResult{ErrorCode: "NotAuthorizedForSourceException", ErrorMessage: "Not authorized for the source."}
	case err != nil:
		return entryResult{ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed."}
	case size > maxEntryBytes:
		return entryResult{ErrorCode: "InvalidArgument", ErrorMessage: fmt.Sprintf("the entry has %d bytes: want at most %d", size, maxEntryBytes)}
	}
	return entryResult{}
}
