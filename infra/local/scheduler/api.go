package scheduler

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"

	"delfos/infra/local/awsjson"
)

// maxRequestBytes bounds a request body.
const maxRequestBytes = 1 << 20

func (s *Service) restAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /schedules/{name}", answering(s.serveCreate))
	mux.HandleFunc("PUT /schedules/{name}", answering(s.serveUpdate))
	mux.HandleFunc("GET /schedules/{name}", answering(s.serveGet))
	mux.HandleFunc("DELETE /schedules/{name}", answering(s.serveDelete))
	mux.HandleFunc("GET /schedules", answering(s.serveList))
	mux.HandleFunc("/", answering(func(r *http.Request) (any, error) {
		return nil, &awsjson.Error{
			Type: "UnknownOperationException", Status: http.StatusNotFound,
			Message: "the local scheduler does not implement " + r.Method + " " + r.URL.Path,
		}
	}))
	return mux
}

// answering writes what an operation answers as the REST API does.
func answering(operation func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxRequestBytes)
		document, err := operation(r)
		status := http.StatusOK
		if err != nil {
			var known *awsjson.Error
			if !errors.As(err, &known) {
				known = &awsjson.Error{Type: "InternalServerException", Status: http.StatusInternalServerError, Message: err.Error()}
			}
			if status = known.Status; status == 0 {
				status = http.StatusBadRequest
			}
			w.Header().Set("X-Amzn-Errortype", known.Type)
			document = map[string]string{"Message": known.Message}
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(document) // the client has gone; there is nobody to tell
	}
}

func invalid(format string, args ...any) error {
	return awsjson.Errorf("ValidationException", format, args...)
}

func conflict(name string) error {
	return &awsjson.Error{Type: "ConflictException", Status: http.StatusConflict, Message: "Schedule " + name + " already exists."}
}

func notFound(what string) error {
	return &awsjson.Error{Type: "ResourceNotFoundException", Status: http.StatusNotFound, Message: what + " does not exist."}
}

func checkGroup(name string) error {
	if name == "" || name == groupName {
		return nil
	}
	if !scheduleName.MatchString(name) {
		return invalid("GroupName %q: want 1 to 64 letters, digits, -, _ and dots", name)
	}
	return notFound("Schedule group " + name)
}

// queryOf refuses parameters that an operation does not have.
func queryOf(r *http.Request, names ...string) (map[string]string, error) {
	query := map[string]string{}
	for name, values := range r.URL.Query() {
		if !slices.Contains(names, name) {
			return nil, invalid("the local scheduler does not implement the parameter %s of this operation", name)
		}
		query[name] = values[0]
	}
	return query, nil
}

// A scheduleRequest is the body of CreateSchedule and UpdateSchedule.
type scheduleRequest struct {
	Definition
	ClientToken string
}

func readRequest(r *http.Request) (scheduleRequest, error) {
	if _, err := queryOf(r); err != nil {
		return scheduleRequest{}, err
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return scheduleRequest{}, invalid("the request cannot be read: %v", err)
	}
	request, err := awsjson.Decode[scheduleRequest](body)
	if err != nil {
		return request, err
	}
	request.Name = r.PathValue("name")
	if request.ClientToken != "" && !clientToken.MatchString(request.ClientToken) {
		return request, invalid("ClientToken %q: want 1 to 64 letters, digits, - and _", request.ClientToken)
	}
	return request, checkGroup(request.GroupName)
}

func (s *Service) serveCreate(r *http.Request) (any, error) {
	request, err := readRequest(r)
	if err != nil {
		return nil, err
	}
	return s.arnOf(request.Name, s.create(request.Definition, request.ClientToken))
}

func (s *Service) serveUpdate(r *http.Request) (any, error) {
	request, err := readRequest(r)
	if err != nil {
		return nil, err
	}
	return s.arnOf(request.Name, s.update(request.Definition, request.ClientToken))
}

func (s *Service) arnOf(name string, err error) (any, error) {
	return map[string]string{"ScheduleArn": s.ARN(name)}, err
}

func (s *Service) serveGet(r *http.Request) (any, error) {
	query, err := queryOf(r, "groupName")
	if err == nil {
		err = checkGroup(query["groupName"])
	}
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.schedules[r.PathValue("name")]
	if found == nil {
		return nil, notFound("Schedule " + r.PathValue("name"))
	}
	return struct {
		Arn string
		Definition
		CreationDate, LastModificationDate Timestamp
	}{s.ARN(found.Name), found.Definition, found.CreationDate, found.LastModificationDate}, nil
}

func (s *Service) serveDelete(r *http.Request) (any, error) {
	query, err := queryOf(r, "groupName", "clientToken")
	if err == nil {
		err = checkGroup(query["groupName"])
	}
	if err != nil {
		return nil, err
	}
	return struct{}{}, s.delete(r.PathValue("name"), query["clientToken"])
}
