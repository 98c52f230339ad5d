package dynamodb

type (
	timeToLiveSpecification struct {
		AttributeName string
		Enabled       bool
	}
	updateTimeToLiveRequest struct {
		TableName               *string
		TimeToLiveSpecification *timeToLiveSpecification
	}
	updateTimeToLiveAnswer struct {
		TimeToLiveSpecification timeToLiveSpecification
	}
	describeTimeToLiveRequest struct{ TableName *string }
	describeTimeToLiveAnswer  struct{ TimeToLiveDescription timeToLiveDescription }
	timeToLiveDescription     struct {
		TimeToLiveStatus string
		AttributeName    string `json:",omitempty"`
	}
)

// updateTimeToLive takes effect at once: expired items are hidden from then on, and
// leave the disk when the table is next compacted. AWS deletes them within days.
func (s *Server) updateTimeToLive(request updateTimeToLiveRequest) (updateTimeToLiveAnswer, error) {
	var c constraints
	wanted := request.TimeToLiveSpecification
	c.required("timeToLiveSpecification", wanted != nil)
	if wanted != nil {
		c.length("timeToLiveSpecification.attributeName", len(wanted.AttributeName), 1, 255)
	}
	if err := c.err(); err != nil {
		return updateTimeToLiveAnswer{}, err
	}
	t, err := s.namedTable(request.TableName)
	if err != nil {
		return updateTimeToLiveAnswer{}, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	current := t.definition.timeToLiveAttribute()
	switch {
	case t.gone:
		return updateTimeToLiveAnswer{}, errTableNotFound(*request.TableName)
	case wanted.Enabled && current == wanted.AttributeName:
		return updateTimeToLiveAnswer{}, invalid("TimeToLive is already enabled")
	case wanted.Enabled && current != "":
		return updateTimeToLiveAnswer{}, invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", current)
	case !wanted.Enabled && current == "":
		return updateTimeToLiveAnswer{}, invalid("TimeToLive is already disabled")
	case !wanted.Enabled && current != wanted.AttributeName:
		return updateTimeToLiveAnswer{}, invalid("TimeToLive is active on a different AttributeName: current AttributeName is %s", current)
	}
	updated := t.definition
	updated.TimeToLive = wanted
	if err := t.logDefinition(updated); err != nil {
		return updateTimeToLiveAnswer{}, err
	}
	t.definition.TimeToLive = wanted // the rest is read without the lock
	return updateTimeToLiveAnswer{*wanted}, nil
}

func (s *Server) describeTimeToLive(request describeTimeToLiveRequest) (describeTimeToLiveAnswer, error) {
	t, err := s.namedTable(request.TableName)
	if err != nil {
		return describeTimeToLiveAnswer{}, err
	}
	t.mu.RLock()
	defer t.mu.RUnlock()
	description := timeToLiveDescription{TimeToLiveStatus: "DISABLED"}
	if name := t.definition.timeToLiveAttribute(); name != "" {
		description = timeToLiveDescription{"ENABLED", name}
	}
	return describeTimeToLiveAnswer{description}, nil
}
