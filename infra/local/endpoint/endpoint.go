// Package endpoint is the one address of the local AWS services: what
// AWS_ENDPOINT_URL names.
package endpoint

import (
	"encoding/json"
	"net"
	"net/http"
	"strings"

	"delfos/infra/local/awsjson"
)

// Handler sends each request to the service that it is for: those of the JSON
// protocols by X-Amz-Target, Lambda's REST API by its path. A request must be
// signed, with any credentials: a web page that a browser shows cannot sign, so
// it cannot reach the services by itself.
func Handler(lambda http.Handler, services ...awsjson.Service) http.Handler {
	byTarget := awsjson.Handler(services...)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !isLoopback(r.Host):
			refuse(w, http.StatusForbidden, "AccessDeniedException", "the local AWS endpoint answers to localhost and 127.0.0.1 alone")
		case !isSigned(r):
			refuse(w, http.StatusForbidden, "MissingAuthenticationTokenException", "the request is not signed; any credentials will do")
		case strings.HasPrefix(r.URL.Path, "/2015-03-31/functions"):
			lambda.ServeHTTP(w, r)
		case r.Method == http.MethodPost && r.URL.Path == "/" && r.Header.Get("X-Amz-Target") != "":
			byTarget.ServeHTTP(w, r)
		default:
			refuse(w, http.StatusNotImplemented, "UnknownOperationException",
				"no local AWS service answers "+r.Method+" "+r.URL.Path)
		}
	})
}

func isSigned(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Authorization"), "AWS4-")
}

// isLoopback keeps out names that an attacker's DNS lets point to 127.0.0.1.
func isLoopback(hostport string) bool {
	host, _, err := net.SplitHostPort(hostport)
	if err != nil {
		host = hostport
	}
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

func refuse(w http.ResponseWriter, status int, errorType, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Amzn-Errortype", errorType)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"__type": errorType, "message": message}) // the client may have gone
}
