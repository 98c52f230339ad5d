// Package endpoint is the one address of the local AWS services: what
// AWS_ENDPOINT_URL names.
package endpoint

import (
	"encoding/json"
	"net/http"
	"regexp"
	"strings"

	"delfos/infra/local/awsjson"
)

// Services are what stands behind the address. Requests for what is nil are refused.
type Services struct {
	Lambda         http.Handler            // REST, at /2015-03-31/functions
	Scheduler      http.Handler            // REST, at /schedules and /schedule-groups
	APIGateway     http.Handler            // REST, at /v2/apis
	STS            http.Handler            // the query protocol: forms that are posted to /
	CloudFormation http.Handler            // the same, where the request is signed for it
	JSON           []awsjson.Service       // by X-Amz-Target
	Forwarded      map[string]http.Handler // by X-Amz-Target's prefix, before JSON
}

// queuePath is the path of a queue's URL, to which some SDKs of SQS post.
var queuePath = regexp.MustCompile(`^/[0-9]{12}/[^/]+$`)

// Handler sends each request to the service that it is for. A request must be
// signed, with any credentials: a web page that a browser shows cannot sign, so it
// cannot reach the services by itself.
func Handler(services Services) http.Handler {
	byTarget := awsjson.Handler(services.JSON...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !isSigned(r) {
			refuse(w, http.StatusForbidden, "MissingAuthenticationTokenException", "the request is not signed; any credentials will do")
			return
		}
		if service := services.find(r, byTarget); service != nil {
			service.ServeHTTP(w, r)
			return
		}
		refuse(w, http.StatusNotImplemented, "UnknownOperationException", "no local AWS service answers "+r.Method+" "+r.URL.Path)
	})
}

// find tells whom a request is for, nil if nobody.
func (s Services) find(r *http.Request, byTarget http.Handler) http.Handler {
	path, target := r.URL.Path, r.Header.Get("X-Amz-Target")
	isPost := r.Method == http.MethodPost
	switch {
	case strings.HasPrefix(path, "/2015-03-31/functions"):
		return s.Lambda
	case path == "/schedules" || strings.HasPrefix(path, "/schedules/") || path == "/schedule-groups" || strings.HasPrefix(path, "/schedule-groups/"):
		return s.Scheduler
	case path == "/v2/apis" || strings.HasPrefix(path, "/v2/apis/"):
		return s.APIGateway
	case isPost && path == "/" && target != "":
		prefix, _, _ := strings.Cut(target, ".")
		if elsewhere := s.Forwarded[prefix]; elsewhere != nil {
			return elsewhere
		}
		return byTarget
	case isPost && queuePath.MatchString(path) && strings.HasPrefix(target, "AmazonSQS."):
		return byTarget
	case isPost && path == "/" && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded"):
		if signedFor(r) == "cloudformation" {
			return s.CloudFormation
		}
		return s.STS
	}
	return nil
}

var credentialScope = regexp.MustCompile(`Credential=[^,]*/([^/,]+)/aws4_request`)

// signedFor is the service in the scope of a request's credential
// (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv.html), or "": forms are
// posted to one place whatever service they are for.
func signedFor(r *http.Request) string {
	if match := credentialScope.FindStringSubmatch(r.Header.Get("Authorization")); match != nil {
		return match[1]
	}
	return ""
}

func isSigned(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-")
}

func refuse(w http.ResponseWriter, status int, errorType, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", errorType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": errorType, "message": message}) // the client may have gone
}
