package sourcehttp

import (
	"bytes"
	"cmp"
	"context"
	"net/http"
	"net/url"

	"github.com/aws/aws-lambda-go/events"
	"github.com/awslabs/aws-lambda-go-api-proxy/core"
	"github.com/awslabs/aws-lambda-go-api-proxy/httpadapter"
)

// LambdaHandler answers the events of an HTTP API, payload format 2.0 ("Work with
// AWS Lambda proxy integrations for HTTP APIs", API Gateway Developer Guide).
type LambdaHandler func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// Lambda serves the handler to events. Whatever the event holds, it is answered:
// an error would reach the client as a 500. An answer to HEAD loses its body here,
// where net/http would see to it otherwise.
func Lambda(handler http.Handler) LambdaHandler {
	adapter := httpadapter.NewV2(handler)
	return func(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		answer, err := adapter.ProxyWithContext(ctx, readable(event))
		if err != nil {
			return unreadable()
		}
		if event.RequestContext.HTTP.Method == http.MethodHead {
			answer.Body, answer.IsBase64Encoded = "", false
		}
		return answer, nil
	}
}

// readable makes the event one that the adapter can turn into a request. API
// Gateway decodes rawPath, so that it can hold what a URL cannot; and nothing here
// depends on the host.
func readable(event events.APIGatewayV2HTTPRequest) events.APIGatewayV2HTTPRequest {
	path := cmp.Or(event.RawPath, event.RequestContext.HTTP.Path)
	event.RawPath = (&url.URL{Path: path}).EscapedPath()
	event.RawQueryString = escapeQuery(event.RawQueryString)
	event.RequestContext.DomainName = ""
	return event
}

// escapeQuery escapes the bytes that would end a query or that no URL may hold, and
// leaves the rest to the parser of queries.
func escapeQuery(query string) string {
	const hexadecimal = "0123456789ABCDEF"
	var escaped bytes.Buffer
	for i := range len(query) {
		if b := query[i]; b <= ' ' || b == '#' || b >= 0x7f {
			escaped.Write([]byte{'%', hexadecimal[b>>4], hexadecimal[b&15]})
		} else {
			escaped.WriteByte(b)
		}
	}
	return escaped.String()
}

// unreadable answers an event of which no request can be made.
func unreadable() (events.APIGatewayV2HTTPResponse, error) {
	writer := core.NewProxyResponseWriterV2()
	writeProblem(writer, malformedRequest())
	return writer.GetProxyResponse()
}
