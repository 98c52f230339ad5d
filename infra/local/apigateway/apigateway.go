// Package apigateway stands in for what Amazon API Gateway tells of HTTP APIs; their
// requests are infra/local/httpapi's.
package apigateway

import (
	"encoding/json"
	"net/http"
	"time"
)

// defaultStage is the one stage that SAM gives an HTTP API.
const defaultStage = "$default"

// API is an HTTP API.
type API struct {
	ID       string
	Name     string
	Endpoint string // its URL
}

// Service answers GetApis, GetApi and GetStage of the API Gateway V2 REST API, and
// refuses the other operations.
type Service struct {
	AccountID string
	Created   time.Time // of all APIs
	APIs      []API
}

// description is an Api of the API Gateway V2 API Reference.
type description struct {
	APIID                    string `json:"apiId"`
	Name                     string `json:"name"`
	APIEndpoint              string `json:"apiEndpoint"`
	ProtocolType             string `json:"protocolType"`
	RouteSelectionExpression string `json:"routeSelectionExpression"`
	CreatedDate              string `json:"createdDate"`
}

// stage is a Stage of the same. It has no access logs: the local APIs write none.
type stage struct {
	StageName      string            `json:"stageName"`
	AutoDeploy     bool              `json:"autoDeploy"`
	StageVariables map[string]string `json:"stageVariables"`
	CreatedDate    string            `json:"createdDate"`
}

// ServeHTTP answers a request under /v2/apis.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v2/apis", s.getAPIs)
	mux.HandleFunc("GET /v2/apis/{id}", s.getAPI)
	mux.HandleFunc("GET /v2/apis/{id}/stages/{stage}", s.getStage)
	// `sam list endpoints` makes URLs at AWS of the list of stages: none is better than wrong ones.
	mux.HandleFunc("GET /v2/apis/{id}/stages", func(w http.ResponseWriter, _ *http.Request) {
		refuse(w, "UnknownOperationException", "the local API Gateway does not implement GetStages; the URL of an API is GetApi's, and an output of the stack")
	})
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		refuse(w, "UnknownOperationException", "the local API Gateway does not implement "+r.Method+" "+r.URL.Path)
	})
	mux.ServeHTTP(w, r)
}

func (s *Service) getAPIs(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	query.Del("maxResults") // they fit into a page of any size
	if len(query) > 0 {
		refuse(w, "BadRequestException", "the local API Gateway does not implement GetApis with "+query.Encode())
		return
	}
	items := make([]description, 0, len(s.APIs))
	for _, api := range s.APIs {
		items = append(items, s.describe(api))
	}
	answer(w, http.StatusOK, map[string]any{"items": items})
}

func (s *Service) getAPI(w http.ResponseWriter, r *http.Request) {
	if api, known := s.find(w, r); known {
		answer(w, http.StatusOK, s.describe(api))
	}
}

func (s *Service) getStage(w http.ResponseWriter, r *http.Request) {
	if _, known := s.find(w, r); !known {
		return
	}
	if r.PathValue("stage") != defaultStage {
		refuse(w, "NotFoundException", "Invalid stage identifier specified")
		return
	}
	answer(w, http.StatusOK, stage{StageName: defaultStage, AutoDeploy: true, StageVariables: map[string]string{}, CreatedDate: s.created()})
}

func (s *Service) find(w http.ResponseWriter, r *http.Request) (API, bool) {
	for _, api := range s.APIs {
		if api.ID == r.PathValue("id") {
			return api, true
		}
	}
	refuse(w, "NotFoundException", "Invalid API identifier specified "+s.AccountID+":"+r.PathValue("id"))
	return API{}, false
}

func (s *Service) describe(api API) description {
	return description{
		APIID: api.ID, Name: api.Name, APIEndpoint: api.Endpoint, ProtocolType: "HTTP",
		RouteSelectionExpression: "$request.method $request.path", CreatedDate: s.created(),
	}
}

func (s *Service) created() string { return s.Created.UTC().Format(time.RFC3339) }

func refuse(w http.ResponseWriter, errorType, message string) {
	status := http.StatusNotFound
	if errorType == "BadRequestException" {
		status = http.StatusBadRequest
	}
	w.Header().Set("X-Amzn-Errortype", errorType)
	answer(w, status, map[string]string{"message": message})
}

func answer(w http.ResponseWriter, status int, document any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(document) // the client has gone; there is nobody to tell
}
