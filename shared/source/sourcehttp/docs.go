package sourcehttp

import (
	_ "embed"
	"net/http"

	"github.com/swaggest/swgui/v5/static"
	"github.com/vearutop/statigz"
)

// docsPage is the Swagger UI's page. swgui would make one with html/template, which
// finds methods by name: the linker then keeps the methods of all types, a fifth of
// the function's binary.
//
//go:embed docs.html
var docsPage []byte

// docsAssets are the files that the page refers to. All are in the binary.
var docsAssets = []string{
	"swagger-ui.css",
	"swagger-ui-bundle.js",
	"favicon-16x16.png",
	"favicon-32x32.png",
}

func newDocs() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/docs", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write(docsPage) // the client has gone; there is nobody to tell
	})
	mux.Handle("/docs/", http.StripPrefix("/docs/", statigz.FileServer(static.FS)))
	return mux
}
