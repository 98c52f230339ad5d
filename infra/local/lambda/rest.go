package lambda

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"

	"delfos/infra/local/awsjson"
)

// maxListed is the largest page of ListFunctions (Lambda API Reference).
const maxListed = 50

// ServeHTTP answers Invoke, GetFunction, GetFunctionConfiguration and
// ListFunctions of Lambda's REST API, and refuses the other operations.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.rest.ServeHTTP(w, r) }

func (s *Service) restAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/{name}/invocations", answering(s.serveInvoke))
	mux.HandleFunc("GET /2015-03-31/functions/{name}", answering(s.serveGetFunction))
	mux.HandleFunc("GET /2015-03-31/functions/{name}/configuration", answering(s.serveGetConfiguration))
	mux.HandleFunc("GET /2015-03-31/functions", answering(s.serveList))
	mux.HandleFunc("GET /2015-03-31/functions/{$}", answering(s.serveList))
	mux.HandleFunc("/", answering(func(_ http.ResponseWriter, r *http.Request) error {
		return refusal("UnknownOperationException", 404, "the local Lambda does not implement %s %s", r.Method, r.URL.Path)
	}))
	return mux
}

// answering writes the error of an operation as Lambda's REST API does.
func answering(operation func(http.ResponseWriter, *http.Request) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		err := operation(w, r)
		if err == nil || r.Context().Err() != nil {
			return
		}
		var known *awsjson.Error
		if !errors.As(err, &known) {
			known = &awsjson.Error{Type: "ServiceException", Status: 500, Message: err.Error(), Fields: map[string]any{"Type": "Service"}}
		}
		document := map[string]any{"message": known.Message, "Message": known.Message} // the model has both spellings
		maps.Copy(document, known.Fields)
		w.Header().Set("X-Amzn-Errortype", known.Type)
		_ = writeJSON(w, known.Status, document) // the client has gone
	}
}

func writeJSON(w http.ResponseWriter, status int, document any) error {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	return json.NewEncoder(w).Encode(document)
}

// unsupportedHeaders change what an invocation means.
var unsupportedHeaders = []string{"X-Amz-Durable-Execution-Name", "X-Amz-Tenant-Id"}

func (s *Service) serveInvoke(w http.ResponseWriter, r *http.Request) error {
	request, err := readInvoke(w, r)
	if err != nil {
		return err
	}
	response, err := s.Invoke(r.Context(), request)
	if err != nil {
		return err
	}
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("X-Amzn-Requestid", response.RequestID)
	if response.StatusCode == http.StatusOK {
		h.Set("X-Amz-Executed-Version", version)
	}
	if response.FunctionError != "" {
		h.Set("X-Amz-Function-Error", response.FunctionError)
	}
	if response.LogTail != "" {
		h.Set("X-Amz-Log-Result", base64.StdEncoding.EncodeToString([]byte(response.LogTail)))
	}
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(response.Payload) // the client has gone; the function has run
	return nil
}

func readInvoke(w http.ResponseWriter, r *http.Request) (Request, error) {
	for _, name := range unsupportedHeaders {
		if r.Header.Get(name) != "" {
			return Request{}, refusal("InvalidParameterValueException", 400, "the local Lambda does not do %s", name)
		}
	}
	request := Request{
		Function: r.PathValue("name"), Qualifier: r.URL.Query().Get("Qualifier"),
		Type: InvocationType(r.Header.Get("X-Amz-Invocation-Type")), TraceID: r.Header.Get("X-Amzn-Trace-Id"),
	}
	switch logType := r.Header.Get("X-Amz-Log-Type"); logType {
	case "", "None":
	case "Tail":
		request.LogTail = true
	default:
		return Request{}, refusal("InvalidParameterValueException", 400, "LogType %q: want None or Tail", logType)
	}
	var err error
	if request.ClientContext, err = base64.StdEncoding.DecodeString(r.Header.Get("X-Amz-Client-Context")); err != nil {
		return Request{}, refusal("InvalidRequestContentException", 400, "Client context must be base64 encoded: %v", err)
	}
	request.Payload, err = io.ReadAll(http.MaxBytesReader(w, r.Body, maxPayload))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return Request{}, refusal("RequestTooLargeException", 413, "Request must be smaller than %d bytes for the InvokeFunction operation", maxPayload)
	}
	return request, err
}

// configuration is a FunctionConfiguration (Lambda API Reference).
type configuration struct {
	FunctionName     string
	FunctionArn      string
	Version          string
	Runtime          string
	Handler          string
	Architectures    []string
	PackageType      string
	Timeout          int // seconds
	MemorySize       int // MB
	LastModified     string
	State            string
	LastUpdateStatus string
	Environment      struct{ Variables map[string]string }
	LoggingConfig    struct{ LogFormat, ApplicationLogLevel, SystemLogLevel, LogGroup string }
}

func (fn *function) configuration() configuration {
	described := configuration{
		FunctionName: fn.Name, FunctionArn: fn.arn, Version: version, Runtime: "provided.al2023", Handler: handler,
		Architectures: []string{fn.Architecture}, PackageType: "Zip", Timeout: int(fn.Timeout.Seconds()), MemorySize: fn.MemoryMB,
		LastModified: fn.registered.UTC().Format("2006-01-02T15:04:05.000+0000"), State: "Active", LastUpdateStatus: "Successful",
	}
	described.Environment.Variables = fn.Environment
	described.LoggingConfig.LogFormat, described.LoggingConfig.LogGroup = "JSON", fn.LogGroup
	described.LoggingConfig.ApplicationLogLevel, described.LoggingConfig.SystemLogLevel = "INFO", "INFO"
	return described
}

func (s *Service) serveGetConfiguration(w http.ResponseWriter, r *http.Request) error {
	fn, err := s.lookup(r.PathValue("name"), r.URL.Query().Get("Qualifier"))
	if err != nil {
		return err
	}
	return writeJSON(w, http.StatusOK, fn.configuration())
}

func (s *Service) serveGetFunction(w http.ResponseWriter, r *http.Request) error {
	fn, err := s.lookup(r.PathValue("name"), r.URL.Query().Get("Qualifier"))
	if err != nil {
		return err
	}
	document := map[string]any{"Configuration": fn.configuration()}
	if fn.ReservedConcurrency != nil {
		document["Concurrency"] = map[string]int{"ReservedConcurrentExecutions": *fn.ReservedConcurrency}
	}
	return writeJSON(w, http.StatusOK, document)
}

func (s *Service) serveList(w http.ResponseWriter, r *http.Request) error {
	query := r.URL.Query()
	for name := range query {
		if !slices.Contains([]string{"Marker", "MaxItems", "FunctionVersion"}, name) {
			return refusal("InvalidParameterValueException", 400, "the local Lambda does not do %s", name)
		}
	}
	limit := maxListed
	if text := query.Get("MaxItems"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 10_000 {
			return refusal("InvalidParameterValueException", 400, "MaxItems %q: want 1 to 10000", text)
		}
		limit = min(n, maxListed)
	}
	document := map[string]any{}
	functions := s.listAfter(query.Get("Marker"))
	if len(functions) > limit {
		functions = functions[:limit]
		document["NextMarker"] = functions[limit-1].FunctionName
	}
	document["Functions"] = functions
	return writeJSON(w, http.StatusOK, document)
}

// listAfter describes the functions whose names come after marker, in order.
func (s *Service) listAfter(marker string) []configuration {
	s.mu.Lock()
	defer s.mu.Unlock()
	names := make([]string, 0, len(s.functions))
	for name := range s.functions {
		if name > marker {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	functions := make([]configuration, 0, len(names))
	for _, name := range names {
		functions = append(functions, s.functions[name].configuration())
	}
	return functions
}
