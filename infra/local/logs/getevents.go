package logs

import (
	"fmt"
	"math"
	"strconv"
)

type getLogEventsRequest struct {
	LogGroupName       string `json:"logGroupName"`
	LogGroupIdentifier string `json:"logGroupIdentifier"`
	LogStreamName      string `json:"logStreamName"`
	StartTime          *int64 `json:"startTime"`
	EndTime            *int64 `json:"endTime"`
	StartFromHead      bool   `json:"startFromHead"`
	NextToken          string `json:"nextToken"`
	Limit              *int   `json:"limit"`
	Unmask             bool   `json:"unmask"` // nothing is masked here
}

type outputLogEvent struct {
	Timestamp     int64  `json:"timestamp"`
	IngestionTime int64  `json:"ingestionTime"`
	Message       string `json:"message"`
}

type getLogEventsAnswer struct {
	Events            []outputLogEvent `json:"events"`
	NextForwardToken  string           `json:"nextForwardToken"`
	NextBackwardToken string           `json:"nextBackwardToken"`
}

// between is a half-open interval of times.
type between struct{ start, end int64 }

func interval(start, end *int64) (between, error) {
	times := between{math.MinInt64, math.MaxInt64}
	if start != nil {
		times.start = *start
	}
	if end != nil {
		times.end = *end
	}
	if times.end < times.start {
		return times, invalidParameter("startTime %d is after endTime %d", times.start, times.end)
	}
	return times, nil
}

func (b between) contains(at int64) bool { return b.start <= at && at < b.end }

// getLogEvents answers a page of one stream. A token is a direction and the
// position to go on from: "f/120" or "b/120". At an end of the stream the token
// that came in goes out again, as the API reference promises.
func (s *Store) getLogEvents(request getLogEventsRequest) (*getLogEventsAnswer, error) {
	limit, err := limitOf(request.Limit, maxPageEvents)
	if err != nil {
		return nil, err
	}
	times, err := interval(request.StartTime, request.EndTime)
	if err != nil {
		return nil, err
	}
	opened, err := s.openForReading(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = opened.Close() }() // only read
	forward, from := request.StartFromHead, opened.end()
	if forward {
		from = opened.base
	}
	if request.NextToken != "" {
		if forward, from, err = parseToken(request.NextToken); err != nil {
			return nil, err
		}
	}
	var found pageOfStream
	if forward {
		found, err = opened.pageAfter(from, times, limit)
	} else {
		found, err = opened.pageBefore(from, times, limit)
	}
	return found.answer(from), err
}

func (s *Store) openForReading(request getLogEventsRequest) (*snapshot, error) {
	groupName, err := groupOf(request.LogGroupName, request.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	if _, ok := s.streamsOf(groupName); !ok {
		return nil, notFound("log group")
	}
	found, _ := s.find(groupName, request.LogStreamName)
	if found == nil {
		return nil, notFound("log stream")
	}
	return found.open()
}

func parseToken(token string) (forward bool, from int64, err error) {
	if len(token) > 2 && (token[:2] == "f/" || token[:2] == "b/") {
		from, err = strconv.ParseInt(token[2:], 10, 64)
		if err == nil && from >= 0 {
			return token[0] == 'f', from, nil
		}
	}
	return false, 0, invalidParameter("The specified nextToken is invalid.")
}

// pageOfStream is consecutive events in the order of the stream.
type pageOfStream struct {
	events []event
	where  []position
	bytes  int
}

func (p *pageOfStream) add(where position, one event) {
	p.events, p.where = append(p.events, one), append(p.where, where)
	p.bytes += len(one.Message)
}

func (p *pageOfStream) dropFirst() {
	p.bytes -= len(p.events[0].Message)
	p.events[0] = event{}
	p.events, p.where = p.events[1:], p.where[1:]
}

func (p *pageOfStream) over(limit int) bool {
	return len(p.events) > limit || (p.bytes > maxPageBytes && len(p.events) > 1)
}

// pageAfter is the first events from a position on.
func (s *snapshot) pageAfter(from int64, times between, limit int) (pageOfStream, error) {
	var found pageOfStream
	_, err := s.scan(from, func(where position, one event) bool {
		if !times.contains(one.At) {
			return true
		}
		if len(found.events) == limit || (found.bytes+len(one.Message) > maxPageBytes && len(found.events) > 0) {
			return false
		}
		found.add(where, one)
		return true
	})
	return found, err
}

// pageBefore is the last events before a position. It reads from the beginning
// and holds no more than a page.
func (s *snapshot) pageBefore(from int64, times between, limit int) (pageOfStream, error) {
	var found pageOfStream
	_, err := s.scan(s.base, func(where position, one event) bool {
		if where.start >= from {
			return false
		}
		if times.contains(one.At) {
			found.add(where, one)
			for found.over(limit) {
				found.dropFirst()
			}
		}
		return true
	})
	return found, err
}

func (p *pageOfStream) answer(from int64) *getLogEventsAnswer {
	first, last := from, from
	if len(p.where) > 0 {
		first, last = p.where[0].start, p.where[len(p.where)-1].end
	}
	answer := &getLogEventsAnswer{
		Events:            make([]outputLogEvent, len(p.events)),
		NextForwardToken:  fmt.Sprintf("f/%d", last),
		NextBackwardToken: fmt.Sprintf("b/%d", first),
	}
	for i, one := range p.events {
		answer.Events[i] = outputLogEvent{one.At, one.Ingested, one.Message}
	}
	return answer
}
