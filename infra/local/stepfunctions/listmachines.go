package stepfunctions

import (
	"slices"
	"strings"

	"delfos/infra/local/stepfunctions/history"
)

type listRequest struct {
	MaxResults int    `json:"maxResults"`
	NextToken  string `json:"nextToken"`
}

func (s *Service) listStateMachines(request listRequest) (map[string]any, error) {
	size, err := pageSize(request.MaxResults)
	if err != nil {
		return nil, err
	}
	from, err := decodeToken("machines", request.NextToken, 0)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	all := make([]*machine, 0, len(s.machines))
	for _, m := range s.machines {
		all = append(all, m)
	}
	slices.SortFunc(all, func(a, b *machine) int { return strings.Compare(a.Name, b.Name) })
	all = all[min(int(from), len(all)):]
	answer := map[string]any{}
	if len(all) > size {
		all = all[:size]
		answer["nextToken"] = encodeToken("machines", from+int64(size))
	}
	listed := make([]map[string]any, len(all))
	for i, m := range all {
		listed[i] = map[string]any{
			"stateMachineArn": m.ARN, "name": m.Name, "type": "STANDARD", "creationDate": history.Seconds(m.Created),
		}
	}
	answer["stateMachines"] = listed
	return answer, nil
}

type tagsRequest struct {
	ResourceARN string `json:"resourceArn"`
}

func (s *Service) listTags(request tagsRequest) (map[string]any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.machineLocked(request.ResourceARN)
	if err != nil {
		if _, _, invalidARN := s.parseARN(request.ResourceARN, "stateMachine"); invalidARN == nil {
			err = noMapRun(request.ResourceARN)
		}
		return nil, err
	}
	tags := found.Tags
	if tags == nil {
		tags = []tag{}
	}
	return map[string]any{"tags": tags}, nil
}
