package site

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"slices"
)

var (
	//go:embed assets
	embeddedAssets embed.FS
	//go:embed templates
	embeddedTemplates embed.FS
)

// assets are the files that browsers keep. All lie below the hash of all, so that
// modules can import each other by relative names and never mix versions.
type assets struct {
	files map[string]asset
	hash  string
}

type asset struct {
	content, compressed []byte
	contentType         string
}

func newAssets() assets { return assets{files: map[string]asset{}} }

// AddAssets serves the files of a page package below /assets/; a module of it can
// `import … from "./site.js"`. The same file may be added again; another file of the
// same name is a fault in the program, so AddAssets panics. Not to be called once
// requests are served.
func (s *Site) AddAssets(files fs.FS) {
	names, err := fs.Glob(files, "*")
	if err != nil {
		panic(err)
	}
	for _, name := range names {
		content, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err)
		}
		known, taken := s.assets.files[name]
		if taken && !bytes.Equal(known.content, content) {
			panic(fmt.Sprintf("site: two assets are called %s", name))
		}
		s.assets.files[name] = newAsset(name, content)
	}
}

func newAsset(name string, content []byte) asset {
	a := asset{content: content, contentType: mime.TypeByExtension(path.Ext(name))}
	switch path.Ext(name) { // Go takes these from the machine, where they can differ
	case ".js":
		a.contentType = "text/javascript; charset=utf-8"
	case ".css":
		a.contentType = "text/css; charset=utf-8"
	case ".svg":
		a.contentType = "image/svg+xml"
	}
	a.compressed = compress(content, gzip.BestCompression)
	return a
}

// compress writes to memory, which never fails.
func compress(content []byte, level int) []byte {
	var buffer bytes.Buffer
	writer, err := gzip.NewWriterLevel(&buffer, level)
	if err != nil {
		panic(err) // the levels are constants
	}
	_, _ = writer.Write(content)
	_ = writer.Close()
	return buffer.Bytes()
}

// frozen settles the hash: what is added later would go unseen.
func (s *Site) frozen() string {
	s.freeze.Do(func() {
		sum := sha256.New()
		for _, name := range slices.Sorted(maps.Keys(s.assets.files)) {
			content := s.assets.files[name].content
			fmt.Fprintf(sum, "%s %d\n", name, len(content))
			sum.Write(content)
		}
		s.assets.hash = hex.EncodeToString(sum.Sum(nil))[:16]
	})
	return s.assets.hash
}

// AssetURL is where an asset stands, for good: another content has another URL.
func (s *Site) AssetURL(name string) (string, error) {
	if _, ok := s.assets.files[name]; !ok {
		return "", fmt.Errorf("there is no asset %q; AddAssets gives it to the site", name)
	}
	return "/assets/" + s.frozen() + "/" + name, nil
}

// serveAsset answers with a file. A page from before a deployment asks for a hash
// that was, and gets what is now, but not to keep.
func (s *Site) serveAsset(w http.ResponseWriter, r *http.Request) {
	file, ok := s.assets.files[r.PathValue("name")]
	if !ok {
		s.notFound(w, r)
		return
	}
	header := w.Header()
	header.Set("Cache-Control", "no-cache")
	if r.PathValue("hash") == s.frozen() {
		header.Set("Cache-Control", "public, max-age=31536000, immutable")
	}
	header.Set("Content-Type", file.contentType)
	header.Set("Vary", "Accept-Encoding")
	content := file.content
	if acceptsGzip(r) && len(file.compressed) < len(content) {
		header.Set("Content-Encoding", "gzip")
		content = file.compressed
	}
	_, _ = w.Write(content) // the client has gone; there is nobody to tell
}

// serveIcon answers browsers that look for the icon by its old name.
func (s *Site) serveIcon(w http.ResponseWriter, r *http.Request) {
	r.SetPathValue("name", "icon.svg")
	r.SetPathValue("hash", "")
	s.serveAsset(w, r)
}
