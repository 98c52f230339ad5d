// Package sts stands in for AWS Security Token Service: it says who calls, which
// here is the account's root whatever the credentials.
package sts

import (
	"encoding/xml"
	"net/http"
	"net/url"

	"github.com/google/uuid"
)

const (
	version   = "2011-06-15"
	namespace = "https://sts.amazonaws.com/doc/2011-06-15/"
	// maxFormBytes is far more than GetCallerIdentity's form has.
	maxFormBytes = 64 << 10
)

// Service answers GetCallerIdentity of the query protocol
// (smithy.io/2.0/aws/protocols/aws-query-protocol.html), and refuses the other
// operations.
type Service struct {
	// AccountID is the caller's.
	AccountID string
	// NewID makes request ids; nil means random UUIDs.
	NewID func() string
}

type identityResponse struct {
	XMLName   xml.Name `xml:"GetCallerIdentityResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Result    struct {
		Arn     string
		UserID  string `xml:"UserId"`
		Account string
	} `xml:"GetCallerIdentityResult"`
	RequestID string `xml:"ResponseMetadata>RequestId"`
}

type errorResponse struct {
	XMLName   xml.Name `xml:"ErrorResponse"`
	Namespace string   `xml:"xmlns,attr"`
	Type      string   `xml:"Error>Type"`
	Code      string   `xml:"Error>Code"`
	Message   string   `xml:"Error>Message"`
	RequestID string   `xml:"RequestId"`
}

// ServeHTTP answers a form that is posted to /.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	newID := s.NewID
	if newID == nil {
		newID = uuid.NewString
	}
	refuse := func(code, message string) {
		write(w, http.StatusBadRequest, errorResponse{Namespace: namespace, Type: "Sender", Code: code, Message: message, RequestID: newID()})
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxFormBytes)
	if err := r.ParseForm(); err != nil {
		refuse("MalformedQueryString", "the form cannot be read: "+err.Error())
		return
	}
	if code, message := check(r.Form); code != "" {
		refuse(code, message)
		return
	}
	response := identityResponse{Namespace: namespace, RequestID: newID()}
	response.Result.Account, response.Result.UserID = s.AccountID, s.AccountID
	response.Result.Arn = "arn:aws:iam::" + s.AccountID + ":root"
	write(w, http.StatusOK, response)
}

// check gives the error of a form that is not GetCallerIdentity's; "" of one that is.
func check(form url.Values) (code, message string) {
	action := form.Get("Action")
	switch {
	case action == "":
		return "MissingAction", "the form has no Action"
	case form.Get("Version") != version:
		return "InvalidAction", "Could not find operation " + action + " for version " + form.Get("Version") + "; the local STS speaks " + version
	case action != "GetCallerIdentity":
		return "InvalidAction", "the local STS does not implement " + action
	}
	for name := range form {
		if name != "Action" && name != "Version" {
			return "InvalidParameterValue", "GetCallerIdentity has no parameter " + name
		}
	}
	return "", ""
}

func write(w http.ResponseWriter, status int, document any) {
	body, err := xml.Marshal(document)
	if err != nil {
		status, body = http.StatusInternalServerError, nil
	}
	w.Header().Set("Content-Type", "text/xml")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the client has gone; there is nobody to tell
}
