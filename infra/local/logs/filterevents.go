package logs

import (
	"cmp"
	"container/heap"
	"fmt"
	"hash/fnv"
	"slices"
	"strings"
)

type filterLogEventsRequest struct {
	LogGroupName        string   `json:"logGroupName"`
	LogGroupIdentifier  string   `json:"logGroupIdentifier"`
	LogStreamNames      []string `json:"logStreamNames"`
	LogStreamNamePrefix string   `json:"logStreamNamePrefix"`
	StartTime           *int64   `json:"startTime"`
	EndTime             *int64   `json:"endTime"`
	FilterPattern       string   `json:"filterPattern"`
	StartFromHead       *bool    `json:"startFromHead"`
	NextToken           string   `json:"nextToken"`
	Limit               *int     `json:"limit"`
	Interleaved         *bool    `json:"interleaved"` // ignored by AWS too: results always are
	Unmask              bool     `json:"unmask"`      // nothing is masked here
}

type filteredLogEvent struct {
	EventID       string `json:"eventId"`
	LogStreamName string `json:"logStreamName"`
	outputLogEvent
}

type filterLogEventsAnswer struct {
	Events             []filteredLogEvent `json:"events"`
	SearchedLogStreams []struct{}         `json:"searchedLogStreams"` // always empty, as on AWS since 2020
	NextToken          string             `json:"nextToken,omitempty"`
}

// A place orders the events of a group: by time, then by stream, then as written.
type place struct {
	At       int64  `json:"t"`
	Stream   string `json:"s"`
	Position int64  `json:"p"`
}

func (p place) compare(other place) int {
	return cmp.Or(cmp.Compare(p.At, other.At), strings.Compare(p.Stream, other.Stream), cmp.Compare(p.Position, other.Position))
}

func (s *Store) filterLogEvents(request filterLogEventsRequest) (*filterLogEventsAnswer, error) {
	search, err := newSearch(request)
	if err != nil {
		return nil, err
	}
	streams, err := s.streamsToFilter(request)
	if err != nil {
		return nil, err
	}
	for _, one := range streams {
		if err := search.in(one); err != nil {
			return nil, err
		}
	}
	return search.answer(), nil
}

// streamsToFilter are those that a request names: all of the group, a list, or a prefix.
func (s *Store) streamsToFilter(request filterLogEventsRequest) ([]*stream, error) {
	groupName, err := groupOf(request.LogGroupName, request.LogGroupIdentifier)
	if err != nil {
		return nil, err
	}
	if len(request.LogStreamNames) > 0 && request.LogStreamNamePrefix != "" {
		return nil, invalidParameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.")
	}
	streams, ok := s.streamsOf(groupName)
	if !ok {
		return nil, notFound("log group")
	}
	for _, name := range request.LogStreamNames {
		if found, _ := s.find(groupName, name); found == nil {
			return nil, notFound("log stream")
		}
	}
	return slices.DeleteFunc(streams, func(one *stream) bool {
		listed := len(request.LogStreamNames) == 0 || slices.Contains(request.LogStreamNames, one.name)
		return !listed || !strings.HasPrefix(one.name, request.LogStreamNamePrefix)
	}), nil
}

// A search keeps the first matching events after a place, a page of them at
// most, whatever the number of streams and their sizes.
type search struct {
	pattern pattern
	times   between
	after   *place
	limit   int

	found latestFirst
	bytes int
	more  bool // a matching event did not fit
}

func newSearch(request filterLogEventsRequest) (*search, error) {
	limit, err := limitOf(request.Limit, maxPageEvents)
	if err != nil {
		return nil, err
	}
	times, err := interval(request.StartTime, request.EndTime)
	if err != nil {
		return nil, err
	}
	if request.StartFromHead != nil && !*request.StartFromHead {
		return nil, invalidParameter("the local CloudWatch Logs does not filter from the newest event on: leave startFromHead out")
	}
	parsed, err := parsePattern(request.FilterPattern)
	if err != nil {
		return nil, err
	}
	made := &search{pattern: parsed, times: times, limit: limit}
	if request.NextToken != "" {
		after, err := decodeToken[place](request.NextToken)
		if err != nil {
			return nil, err
		}
		made.after = &after
		made.times.start = max(times.start, after.At)
	}
	return made, nil
}

// in searches one stream, unless its times rule it out.
func (s *search) in(one *stream) error {
	covers, err := one.describe()
	if err != nil {
		return err
	}
	if covers.empty || covers.last < s.times.start {
		return nil
	}
	opened, err := one.open()
	if err != nil {
		return err
	}
	defer func() { _ = opened.Close() }() // only read
	_, err = opened.scan(opened.base, func(where position, found event) bool {
		s.offer(match{place{found.At, one.name, where.start}, found})
		return true
	})
	return err
}

func (s *search) offer(one match) {
	if !s.times.contains(one.At) || (s.after != nil && one.compare(*s.after) <= 0) {
		return
	}
	if s.more && one.compare(s.found[0].place) > 0 {
		return
	}
	if !s.pattern.matches(one.event.Message) {
		return
	}
	heap.Push(&s.found, one)
	s.bytes += len(one.event.Message)
	for len(s.found) > s.limit || (s.bytes > maxPageBytes && len(s.found) > 1) {
		s.bytes -= len(s.found[0].event.Message)
		heap.Pop(&s.found)
		s.more = true
	}
}

func (s *search) answer() *filterLogEventsAnswer {
	slices.SortFunc(s.found, func(a, b match) int { return a.compare(b.place) })
	answer := &filterLogEventsAnswer{Events: make([]filteredLogEvent, len(s.found)), SearchedLogStreams: []struct{}{}}
	for i, one := range s.found {
		answer.Events[i] = filteredLogEvent{one.id(), one.Stream, outputLogEvent{one.At, one.event.Ingested, one.event.Message}}
	}
	if s.more {
		answer.NextToken = encodeToken(s.found[len(s.found)-1].place)
	}
	return answer
}

type match struct {
	place
	event event
}

// id is unique among a group's events.
func (m match) id() string {
	hash := fnv.New64a()
	_, _ = hash.Write([]byte(m.Stream)) // a hash never fails
	return fmt.Sprintf("%020d%020d", hash.Sum64(), m.Position)
}

// latestFirst is a heap whose top is the latest match.
type latestFirst []match

func (l latestFirst) Len() int           { return len(l) }
func (l latestFirst) Less(i, j int) bool { return l[i].compare(l[j].place) > 0 }
func (l latestFirst) Swap(i, j int)      { l[i], l[j] = l[j], l[i] }
func (l *latestFirst) Push(one any)      { *l = append(*l, one.(match)) } //nolint:errcheck,forcetypeassert // container/heap takes any; offer alone pushes, and a match

func (l *latestFirst) Pop() any {
	last := len(*l) - 1
	one := (*l)[last]
	(*l)[last] = match{}
	*l = (*l)[:last]
	return one
}
