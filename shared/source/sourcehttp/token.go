package sourcehttp

import (
	"errors"
	"net/http"

	"delfos/shared/bearer"
)

// turnAway says what is wrong with the token, as bearer.Check has found.
func (s *server) turnAway(w *response, r *http.Request, err error) {
	problem := wrongToken()
	switch {
	case errors.Is(err, bearer.ErrMissing):
		problem = missingToken()
	case !errors.Is(err, bearer.ErrWrong):
		s.Logger.ErrorContext(r.Context(), "the token could not be checked", "path", r.URL.Path,
			"request_id", w.Header().Get("X-Request-Id"), "error", err.Error())
		w.Header().Set("Retry-After", "2")
		writeProblem(w, uncheckedToken())
		return
	}
	w.Header().Set("WWW-Authenticate", problem.challenge)
	writeProblem(w, problem)
}

func missingToken() *problem {
	p := newProblem(http.StatusUnauthorized, "missing-token", "A token is needed",
		"send the API's token as Authorization: Bearer TOKEN")
	p.challenge = `Bearer realm="source"`
	return p
}

func wrongToken() *problem {
	p := newProblem(http.StatusUnauthorized, "wrong-token", "The token is wrong",
		"the token is not the one that the API has now")
	p.challenge = `Bearer realm="source", error="invalid_token"`
	return p
}

func uncheckedToken() *problem {
	return newProblem(http.StatusServiceUnavailable, "unchecked-token", "The token cannot be checked",
		"the token is not the one that the API knows, and its secret cannot be read now; try again after the seconds in Retry-After")
}
