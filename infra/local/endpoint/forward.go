package endpoint

import (
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"
)

// Forward sends a service's requests on to another endpoint as they are, but for
// the host: an emulator that checks signatures refuses them. Where that endpoint
// does not answer, the answer is an AWS service's that is out of order, which SDKs
// try again.
func Forward(service string, to *url.URL) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(to) },
		Transport: &http.Transport{ // no proxy: it is on this machine, or on a network of containers
			MaxIdleConnsPerHost: 64, IdleConnTimeout: time.Minute,
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			refuse(w, http.StatusInternalServerError, "InternalServerError", service+" at "+to.String()+" does not answer: "+err.Error())
		},
	}
}
