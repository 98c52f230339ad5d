package sourcehttp

import (
	"net/http"

	"delfos/shared/gateway"
)

// LambdaHandler answers the events of an HTTP API.
type LambdaHandler = gateway.Handler

// Lambda serves the handler to events. Whatever the event holds, it is answered, with
// a problem document where no request can be made of it.
func Lambda(handler http.Handler) LambdaHandler {
	return gateway.New(handler, func(w http.ResponseWriter) { writeProblem(w, malformedRequest()) })
}
