package cloudformation

import (
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	version   = "2010-05-15"
	namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
	// maxFormBytes is far more than the forms of these operations have.
	maxFormBytes = 64 << 10
)

// queryError is an error of the query protocol, of HTTP status 400.
type queryError struct{ code, message string }

func (e *queryError) Error() string { return e.code + ": " + e.message }

// invalid is what CloudFormation answers to whatever is wrong with a request, a stack
// that is not there included (CloudFormation API Reference, "Common Error Types").
func invalid(format string, args ...any) error {
	return &queryError{"ValidationError", fmt.Sprintf(format, args...)}
}

// form is a request.
type form struct{ url.Values }

func readForm(w http.ResponseWriter, r *http.Request) (form, error) {
	r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
	if err := r.ParseForm(); err != nil {
		return form{}, &queryError{"MalformedQueryString", "the form cannot be read: " + err.Error()}
	}
	return form{r.Form}, nil
}

func (f form) action() string { return f.Get("Action") }

// checkParameters refuses parameters that the operation does not have. The items of a
// list are Name.member.1 and so on.
func (f form) checkParameters(action string, known []string) error {
	for name := range f.Values {
		base, _, _ := strings.Cut(name, ".member.")
		if name != "Action" && name != "Version" && !slices.Contains(known, base) {
			return &queryError{"InvalidParameterValue", "the local CloudFormation does not implement the parameter " + name + " of " + action}
		}
	}
	// All there is fits into one page, so that no token was ever given out.
	if f.Has("NextToken") {
		return invalid("NextToken %q is not one that was given out", f.Get("NextToken"))
	}
	return nil
}

func (f form) required(name string) (string, error) {
	value := f.Get(name)
	if value == "" {
		return "", invalid("1 validation error detected: Value at '%s' failed to satisfy constraint: Member must not be null", lowerFirst(name))
	}
	return value, nil
}

func lowerFirst(name string) string { return strings.ToLower(name[:1]) + name[1:] }

// list gives the items of a list in their order.
func (f form) list(name string) []string {
	var items []string
	for i := 1; f.Has(name + ".member." + strconv.Itoa(i)); i++ {
		items = append(items, f.Get(name+".member."+strconv.Itoa(i)))
	}
	return items
}

// timestamp is a time as CloudFormation writes it, in milliseconds.
func timestamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// response writes the answer to a request.
type response struct {
	w         http.ResponseWriter
	requestID string
}

type resultDocument struct {
	XMLName   xml.Name
	Namespace string `xml:"xmlns,attr"`
	Result    any    // names itself by its XMLName
	RequestID string `xml:"ResponseMetadata>RequestId"`
}

type errorDocument struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

func (r response) write(action string, result any) {
	r.send(http.StatusOK, resultDocument{
		XMLName: xml.Name{Local: action + "Response"}, Namespace: namespace, Result: result, RequestID: r.requestID,
	})
}

func (r response) refuse(err error) {
	document := errorDocument{Namespace: namespace, Type: "Receiver", Code: "InternalFailure", Message: err.Error(), RequestID: r.requestID}
	status := http.StatusInternalServerError
	if known, isKnown := errors.AsType[*queryError](err); isKnown {
		document.Type, document.Code, document.Message = "Sender", known.code, known.message
		status = http.StatusBadRequest
	}
	r.send(status, document)
}

func (r response) send(status int, document any) {
	body, err := xml.Marshal(document)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	r.w.Header().Set("Content-Type", "text/xml")
	r.w.Header().Set("X-Amzn-Requestid", r.requestID)
	r.w.WriteHeader(status)
	_, _ = r.w.Write(body) // the client has gone; there is nobody to tell
}
