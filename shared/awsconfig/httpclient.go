package awsconfig

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// HTTPClient is the SDK's own, made safe for a service that answers at once, as those
// of the local stack do.
//
// The SDK closes a request's body as soon as the head of the answer is there. net/http
// may then still be looking whether the body has ended, for which it asks the body's
// WriteTo, and that of a closed one is an error and no end (smithy-go,
// transport/http/internal/io, safeWriteToReadCloser): net/http closes the connection,
// and the rest of the answer is lost. A body's Read does not have this fault.
func HTTPClient() aws.HTTPClient { return client{awshttp.NewBuildableClient()} }

type client struct{ sdk *awshttp.BuildableClient }

// Do sends a request.
func (c client) Do(r *http.Request) (*http.Response, error) {
	if r.Body != nil && r.Body != http.NoBody {
		r.Body = body{r.Body}
	}
	return c.sdk.Do(r)
}

// body is a request's body without its WriteTo.
type body struct{ io.ReadCloser }
