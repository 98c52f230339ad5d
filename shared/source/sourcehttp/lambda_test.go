package sourcehttp_test

import (
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// event is what API Gateway makes of a request (payload format 2.0).
func event(method, target string, headers ...string) events.APIGatewayV2HTTPRequest {
	path, query, _ := strings.Cut(target, "?")
	e := events.APIGatewayV2HTTPRequest{Version: "2.0", RouteKey: "$default", RawPath: path, RawQueryString: query}
	e.RequestContext.HTTP.Method, e.RequestContext.HTTP.Path = method, path
	e.RequestContext.DomainName, e.RequestContext.RequestID = "api.example.com", "gateway-1"
	e.Headers = map[string]string{}
	for i := 0; i < len(headers); i += 2 {
		e.Headers[strings.ToLower(headers[i])] = headers[i+1]
	}
	return e
}
