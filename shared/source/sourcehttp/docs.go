package sourcehttp

import (
	"net/http"

	"github.com/swaggest/swgui/v5emb"
)

// docsAssets are the files that the documentation's page refers to. All are in the
// binary.
var docsAssets = []string{
	"swagger-ui.css",
	"swagger-ui-bundle.js",
	"swagger-ui-standalone-preset.js",
	"favicon-16x16.png",
	"favicon-32x32.png",
}

func newDocs() http.Handler { return v5emb.New("Source API", "/openapi.json", "/docs") }
