package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

// event is the request as payload format 2.0.
func (g *gateway) event(w http.ResponseWriter, r *http.Request, matched route, parameters map[string]string) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
	if err != nil {
		return nil, err
	}
	now := g.now().UTC()
	event := events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              matched.key,
		RawPath:               r.URL.Path,
		RawQueryString:        r.URL.RawQuery,
		Cookies:               cookies(r),
		Headers:               headers(r),
		QueryStringParameters: query(r.URL.RawQuery),
		PathParameters:        parameters,
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey:     matched.key,
			AccountID:    g.api.AccountID,
			Stage:        defaultRoute,
			RequestID:    g.newID(),
			APIID:        g.api.ID,
			DomainName:   r.Host,
			DomainPrefix: g.api.ID,
			Time:         now.Format("02/Jan/2006:15:04:05 +0000"),
			TimeEpoch:    now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: sourceIP(r), UserAgent: r.UserAgent(),
			},
		},
	}
	event.Body, event.IsBase64Encoded = string(body), false
	if len(body) > 0 && !isText(r.Header.Get("Content-Type"), body) {
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return json.Marshal(event)
}

// headers are lower-case, and repeated ones joined by commas; cookies have a
// place of their own.
func headers(r *http.Request) map[string]string {
	joined := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		if name != "Cookie" {
			joined[strings.ToLower(name)] = strings.Join(values, ",")
		}
	}
	return joined
}

func cookies(r *http.Request) []string {
	var all []string
	for _, line := range r.Header.Values("Cookie") {
		for cookie := range strings.SplitSeq(line, ";") {
			all = append(all, strings.TrimSpace(cookie))
		}
	}
	return all
}

// query is decoded, and repeated parameters joined by commas; what cannot be
// decoded stands in rawQueryString alone.
func query(raw string) map[string]string {
	values, _ := url.ParseQuery(raw) // keeps what can be decoded
	if len(values) == 0 {
		return nil
	}
	joined := make(map[string]string, len(values))
	for name, all := range values {
		joined[name] = strings.Join(all, ",")
	}
	return joined
}

func sourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// isText tells a body that reaches the function as it is from one that is
// encoded in base64.
func isText(contentType string, body []byte) bool {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	known := strings.HasPrefix(media, "text/") || media == "application/json" || media == "application/xml" ||
		media == "application/javascript" || strings.HasSuffix(media, "+json") || strings.HasSuffix(media, "+xml")
	return known && utf8.Valid(body)
}
