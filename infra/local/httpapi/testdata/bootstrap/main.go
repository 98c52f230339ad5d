// Bootstrap is a small web application behind the adapter that the functions of
// this project use; with ANSWER=raw a function that answers what its body says, and
// with ANSWER=identity an authorizer that answers what its identity source says.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

func main() {
	switch os.Getenv("ANSWER") {
	case "raw":
		lambda.Start(answerRaw)
	case "identity":
		lambda.Start(answerIdentity)
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /moved", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "/seen?from=moved", http.StatusFound)
	})
	mux.HandleFunc("GET /cached", cached)
	mux.HandleFunc("GET /cookies", func(w http.ResponseWriter, r *http.Request) {
		for _, cookie := range r.Cookies() {
			http.SetCookie(w, &http.Cookie{Name: cookie.Name, Value: cookie.Value + "!", Path: "/"})
		}
		w.WriteHeader(http.StatusOK) // the adapter refuses an answer without a status
	})
	mux.HandleFunc("POST /body", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", r.Header.Get("Content-Type"))
		_, _ = io.Copy(w, r.Body)
	})
	mux.HandleFunc("/", see)
	lambda.Start(httpadapter.NewV2(mux).ProxyWithContext)
}

func cached(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("ETag", `"v1"`)
	w.Header().Set("Link", `<https://example.org/cached?cursor=a%2Cb>; rel="next"`)
	if r.Header.Get("If-None-Match") == `"v1"` {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = io.WriteString(w, "content")
}

// see says what has arrived.
func see(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{
		"method": r.Method, "path": r.URL.Path, "query": r.URL.RawQuery, "values": map[string][]string(r.URL.Query()), "host": r.Host,
	})
}

// answerRaw gives back the request's body as the function's own answer, or the
// event itself. Behind an io.Reader it may be anything, JSON or not.
func answerRaw(_ context.Context, raw json.RawMessage) (io.Reader, error) {
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(raw, &event); err != nil {
		return nil, err
	}
	if event.RawPath == "/fail" {
		return nil, errors.New("no")
	}
	if strings.HasPrefix(event.RawPath, "/event") {
		return bytes.NewReader(raw), nil
	}
	return strings.NewReader(event.Body), nil
}

// answerIdentity gives back the first identity source, "fail" as an error, and the
// request itself as the context of "show".
func answerIdentity(_ context.Context, raw json.RawMessage) (io.Reader, error) {
	var request events.APIGatewayV2CustomAuthorizerV2Request
	if err := json.Unmarshal(raw, &request); err != nil {
		return nil, err
	}
	switch answer := request.IdentitySource[0]; answer {
	case "fail":
		return nil, errors.New("no")
	case "show":
		return strings.NewReader(`{"isAuthorized":true,"context":` + string(raw) + "}"), nil
	default:
		return strings.NewReader(answer), nil
	}
}
