package endpoint

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// maxForwarded bounds a request's body: DynamoDB's largest, a BatchWriteItem, is of 16 MB
// (DynamoDB Developer Guide, "Service, account, and table quotas").
const maxForwarded = 17 << 20

// Forward sends a service's requests on to another endpoint as they are, but for
// the host: an emulator that checks signatures refuses them. Where that endpoint
// does not answer, the answer is an AWS service's that is out of order, which SDKs
// try again.
//
// A request's body is read as a whole before it is sent on. A server closes it as soon as
// the answer begins, and net/http's client may then still be looking whether it has ended:
// it would close the connection that the rest of the answer comes by.
func Forward(service string, to *url.URL) http.Handler {
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: &http.Transport{ // no proxy: it is on this machine, or on a network of containers
			MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute,
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			refuse(w, http.StatusInternalServerError, "InternalServerError", service+" at "+to.String()+" does not answer: "+err.Error())
		},
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxForwarded))
		if err != nil {
			refuse(w, http.StatusBadRequest, "SerializationException", "the request cannot be read: "+err.Error())
			return
		}
		whole := r.Clone(r.Context())
		whole.Body, whole.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
		whole.TransferEncoding = nil
		whole.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(body)), nil }
		proxy.ServeHTTP(w, whole)
	})
}
