package console

import (
	"net/http"

	"delfos/shared/gateway"
)

// Lambda serves the console's handler to the events of an HTTP API.
func Lambda(handler http.Handler) gateway.Handler {
	return gateway.New(handler, func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.WriteHeader(http.StatusBadRequest)
		_, _ = w.Write([]byte("This request cannot be read. Go back to the console's first page.\n"))
	})
}
