// Package gateway serves an http.Handler to the events of an API Gateway HTTP API.
package gateway

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

// Handler answers the events of an HTTP API, payload format 2.0 ("Work with AWS
// Lambda proxy integrations for HTTP APIs", API Gateway Developer Guide).
type Handler func(context.Context, events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error)

// New serves the handler to events. Whatever the event holds, it is answered, as an
// error would reach the client as a 500: unreadable answers events of which no request
// can be made. An answer to HEAD loses its body here, where net/http would see to it
// otherwise. A body that is not text, such as a compressed one, goes as base64.
func New(handler http.Handler, unreadable func(http.ResponseWriter)) Handler {
	adapter := httpadapter.NewV2(withHost(handler))
	return func(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
		answer, err := adapter.ProxyWithContext(ctx, readable(event))
		if err != nil {
			writer := core.NewProxyResponseWriterV2()
			unreadable(writer)
			return writer.GetProxyResponse()
		}
		if event.RequestContext.HTTP.Method == http.MethodHead {
			answer.Body, answer.IsBase64Encoded = "", false
		}
		return answer, nil
	}
}

// withHost puts the host where net/http would: the adapter leaves it among the
// headers.
func withHost(handler http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Host = r.Header.Get("Host")
		handler.ServeHTTP(w, r)
	})
}

// readable makes the event one that the adapter can turn into a request. API
// Gateway decodes rawPath, so that it can hold what a URL cannot; and the name of the
// domain can be one that no URL takes.
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
