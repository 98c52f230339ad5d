package sourcehttp

import (
	"context"
	"encoding/json"
	"net/http"
	"time"

	"delfos/shared/source"
)

// variablesAnswer is what /variables says.
type variablesAnswer struct {
	Variables []variableAnswer `json:"variables" doc:"What /data can be asked for" nullable:"false"`
	Extent    *extentAnswer    `json:"extent" doc:"When there are samples; null without any" required:"true"`
}

type variableAnswer struct {
	Name string `json:"name" example:"wind_speed"`
	Unit string `json:"unit" example:"m/s"`
}

type extentAnswer struct {
	First time.Time `json:"first" doc:"Instant of the first sample"`
	Last  time.Time `json:"last" doc:"Instant of the last sample"`
}

// healthAnswer is what /health says when all is well.
type healthAnswer struct {
	Status string `json:"status" enum:"ok"`
}

// healthTimeout bounds the wait for the database's pulse.
const healthTimeout = 5 * time.Second

// variables serves /variables.
func (s *server) variables(w *response, r *http.Request) {
	if faults := parseNoParameters(r.URL.RawQuery); len(faults) > 0 {
		writeProblem(w, invalidQuery(faults))
		return
	}
	first, last, ok, err := s.Store.Extent(r.Context())
	if err != nil {
		s.fail(w, r, err)
		return
	}
	answer := variablesAnswer{}
	for _, variable := range source.Variables() {
		answer.Variables = append(answer.Variables, variableAnswer(variable))
	}
	if ok {
		answer.Extent = &extentAnswer{first, last}
	}
	w.Header().Set("Cache-Control", "private, no-cache")
	s.encode(w, r, answer)
}

// health serves /health: whether the API can read its database.
func (s *server) health(w *response, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), healthTimeout)
	defer cancel()
	if err := s.Store.Ping(ctx); err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Cache-Control", "no-store")
	s.encode(w, r, healthAnswer{"ok"})
}

func (s *server) encode(w *response, r *http.Request, answer any) {
	body, err := json.Marshal(answer)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	document(w, body)
}
