package scheduler

import (
	"encoding/base64"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// summary is a ScheduleSummary of the API.
type summary struct {
	Arn, Name, GroupName, State        string
	CreationDate, LastModificationDate Timestamp
	Target                             struct{ Arn string }
}

func (s *Service) serveList(r *http.Request) (any, error) {
	query, err := queryOf(r, "NamePrefix", "State", "MaxResults", "NextToken", "ScheduleGroup")
	if err == nil {
		err = checkGroup(query["ScheduleGroup"])
	}
	if err != nil {
		return nil, err
	}
	limit := 100
	if text, ok := query["MaxResults"]; ok {
		if limit, err = strconv.Atoi(text); err != nil || limit < 1 || limit > 100 {
			return nil, invalid("MaxResults %q: want 1 to 100", text)
		}
	}
	state, filtered := query["State"]
	if filtered && state != stateEnabled && state != stateDisabled {
		return nil, invalid("State %q: want %s or %s", state, stateEnabled, stateDisabled)
	}
	after, err := base64.URLEncoding.DecodeString(query["NextToken"])
	if err != nil {
		return nil, invalid("NextToken: it is not one that ListSchedules gave")
	}
	return s.list(query["NamePrefix"], state, string(after), limit), nil
}

func (s *Service) list(prefix, state, after string, limit int) any {
	s.mu.Lock()
	defer s.mu.Unlock()
	page := struct {
		Schedules []summary
		NextToken string `json:",omitempty"`
	}{Schedules: []summary{}}
	for _, name := range slices.Sorted(maps.Keys(s.schedules)) {
		one := s.schedules[name]
		if name <= after || !strings.HasPrefix(name, prefix) || (state != "" && one.State != state) {
			continue
		}
		if len(page.Schedules) == limit {
			page.NextToken = base64.URLEncoding.EncodeToString([]byte(page.Schedules[limit-1].Name))
			break
		}
		listed := summary{
			Arn: s.ARN(name), Name: name, GroupName: groupName, State: one.State,
			CreationDate: one.CreationDate, LastModificationDate: one.LastModificationDate,
		}
		listed.Target.Arn = one.Target.Arn
		page.Schedules = append(page.Schedules, listed)
	}
	return page
}
