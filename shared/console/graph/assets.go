package graph

import (
	"embed"
	"io/fs"
)

//go:embed assets
var embedded embed.FS

// Assets is graph.css, which colours the drawings by the console's custom properties.
func Assets() fs.FS {
	below, err := fs.Sub(embedded, "assets")
	if err != nil {
		panic(err) // it is embedded
	}
	return below
}
