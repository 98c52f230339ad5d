package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"mime"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
)

const traceHeader = "x-amzn-trace-id"

// hopByHop are headers of one connection, not of the message (RFC 9110, section
// 7.6.1).
var hopByHop = []string{
	"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
}

// event describes a request in payload format 2.0, but for its route and its body.
func (g *gateway) event(r *http.Request, requestID string) *events.APIGatewayV2HTTPRequest {
	now := g.now().UTC()
	prefix, _, _ := strings.Cut(r.Host, ".")
	path := eventPath(r.URL.Path)
	return &events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RawPath:               path,
		RawQueryString:        asciiQuery(r.URL.RawQuery),
		Cookies:               cookies(r),
		Headers:               g.headers(r),
		QueryStringParameters: queryParameters(r.URL.RawQuery),
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			AccountID: g.api.AccountID, APIID: g.api.ID, Stage: defaultStage, RequestID: requestID,
			DomainName: r.Host, DomainPrefix: prefix,
			Time: now.Format("02/Jan/2006:15:04:05 -0700"), TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: path, Protocol: r.Proto, SourceIP: sourceIP(r), UserAgent: r.UserAgent(),
			},
		},
	}
}

func setBody(event *events.APIGatewayV2HTTPRequest, body []byte) {
	if isText(event.Headers, body) {
		event.Body = string(body)
	} else {
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
}

// eventPath is the path as an HTTP API gives it on: decoded, in spite of the name
// rawPath, and cut at a question mark that was encoded (observed on AWS:
// honojs/hono#2156, hotsock/voker#8).
func eventPath(decoded string) string {
	path, _, _ := strings.Cut(decoded, "?")
	return path
}

// asciiQuery encodes the bytes of a query that a JSON string could not carry:
// those that are not ASCII. What is encoded already stays as it is.
func asciiQuery(raw string) string {
	var ascii strings.Builder
	for i := range len(raw) {
		if raw[i] < utf8.RuneSelf {
			ascii.WriteByte(raw[i])
		} else {
			fmt.Fprintf(&ascii, "%%%02X", raw[i])
		}
	}
	return ascii.String()
}

// queryParameters decodes the query, the values of one name joined by commas. A
// pair that cannot be decoded is in rawQueryString alone.
func queryParameters(raw string) map[string]string {
	parsed, _ := url.ParseQuery(raw) // has every pair that can be decoded
	if len(parsed) == 0 {
		return nil
	}
	parameters := make(map[string]string, len(parsed))
	for name, values := range parsed {
		parameters[name] = strings.Join(values, ",")
	}
	return parameters
}

// headers are those of the message, with lower-case names, and those that API
// Gateway adds. Cookies have a place of their own in the event.
func (g *gateway) headers(r *http.Request) map[string]string {
	headers := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		name = strings.ToLower(name)
		if name != "cookie" && !slices.Contains(hopByHop, name) {
			headers[name] = strings.Join(values, ",")
		}
	}
	if from := headers["x-forwarded-for"]; from != "" {
		headers["x-forwarded-for"] = from + ", " + sourceIP(r)
	} else {
		headers["x-forwarded-for"] = sourceIP(r)
	}
	headers["x-forwarded-proto"], headers["x-forwarded-port"] = "http", "80"
	if r.TLS != nil {
		headers["x-forwarded-proto"], headers["x-forwarded-port"] = "https", "443"
	}
	if _, port, err := net.SplitHostPort(r.Host); err == nil {
		headers["x-forwarded-port"] = port
	}
	if headers[traceHeader] == "" {
		digest := sha256.Sum256([]byte(g.newID()))
		headers[traceHeader] = fmt.Sprintf("Root=1-%08x-%s", g.now().Unix(), hex.EncodeToString(digest[:12]))
	}
	return headers
}

func cookies(r *http.Request) []string {
	var list []string
	for _, header := range r.Header.Values("Cookie") {
		for one := range strings.SplitSeq(header, ";") {
			if one = strings.TrimSpace(one); one != "" {
				list = append(list, one)
			}
		}
	}
	return list
}

func sourceIP(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	return host
}

// textTypes are the media types besides text/* whose bodies come as they are; all
// others come in base64 (observed on AWS, forms among them).
var textTypes = []string{"application/json", "application/javascript", "application/xml"}

func isText(headers map[string]string, body []byte) bool {
	if !utf8.Valid(body) || headers["content-encoding"] != "" {
		return false
	}
	given := headers["content-type"]
	if given == "" || len(body) == 0 {
		return true
	}
	mediaType, _, err := mime.ParseMediaType(given)
	if err != nil {
		return false
	}
	return strings.HasPrefix(mediaType, "text/") || slices.Contains(textTypes, mediaType) ||
		strings.HasSuffix(mediaType, "+json") || strings.HasSuffix(mediaType, "+xml")
}
