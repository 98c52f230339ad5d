package sourcehttp

import (
	"cmp"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"delfos/shared/source"
)

// data serves /data.
func (s *server) data(w *response, r *http.Request) {
	query, faults := parseDataQuery(r.URL.RawQuery, s.MaxRows)
	part := query.Query // what remains of the window from this page on
	if len(faults) == 0 && query.cursor != "" {
		last, ok := openCursor(query, query.cursor)
		if !ok {
			faults = append(faults, foreignCursor(query.cursor))
		}
		part.Span.Start = time.UnixMicro(last + 1).UTC()
	}
	if len(faults) > 0 {
		writeProblem(w, invalidQuery(faults))
		return
	}
	limits := bounds{rows: cmp.Or(query.limit, s.MaxRows), bytes: s.MaxPageBytes, ends: query.cursor != ""}
	var before source.Fingerprint
	if conditions := r.Header.Values("If-None-Match"); len(conditions) > 0 {
		var err error
		if before, err = s.currentFingerprint(r, part, limits); err != nil {
			s.fail(w, r, err)
			return
		}
		if matches(conditions, before) {
			setCaching(w.Header(), before)
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	s.servePage(w, r, query, part, limits, before)
}

func foreignCursor(cursor string) fault {
	return fault{
		"invalid-cursor", "The cursor is not of this query", paramCursor,
		"cursor is not one that the API gave for this query: follow the Link of the page before, " +
			"or leave cursor out to begin anew", cursor,
	}
}

// currentFingerprint is what the ETag of the answer would be, without reading the
// samples out: of the page on pages with a cursor, else of the whole window.
func (s *server) currentFingerprint(r *http.Request, part source.Query, limits bounds) (source.Fingerprint, error) {
	if limits.ends {
		return s.Store.Fingerprint(r.Context(), part, limits.rows)
	}
	return s.Store.Fingerprint(r.Context(), part, 0)
}

// matches compares weakly, as If-None-Match does (RFC 9110, section 13.1.2). An
// entity tag has no quotation mark inside, so that it cannot occur in part.
func matches(conditions []string, current source.Fingerprint) bool {
	for _, condition := range conditions {
		if strings.TrimSpace(condition) == "*" || strings.Contains(condition, current.ETag()) {
			return true
		}
	}
	return false
}

// servePage reads and answers a page. Where the window's fingerprint is known, from
// before the samples are read, it stands in the answer: should the content change
// in between, the next conditional request sees a difference, never a false match.
func (s *server) servePage(w *response, r *http.Request, query *dataQuery, part source.Query, limits bounds, before source.Fingerprint) {
	page := pages.Get().(*page) //nolint:errcheck,forcetypeassert // the pool has nothing else
	defer pages.Put(page)
	first := !limits.ends
	limits.ends = limits.ends || before != ""
	if err := page.read(r.Context(), s.Store, part, limits); err != nil {
		s.fail(w, r, err)
		return
	}
	fingerprint := page.hasher.Sum()
	if first && before != "" {
		fingerprint = before
	}
	header := w.Header()
	if page.more {
		header.Set("Link", "<"+nextPage(query, page.last)+`>; rel="next"`)
	}
	setCaching(header, fingerprint)
	header.Set("Content-Type", "application/json")
	setLength(header, len(page.body))
	w.rows = page.rows
	w.WriteHeader(http.StatusOK)
	_, _ = w.Write(page.body) // the client has gone; there is nobody to tell
}

func setCaching(header http.Header, fingerprint source.Fingerprint) {
	header.Set("ETag", fingerprint.ETag())
	header.Set("Cache-Control", "private, no-cache")
}

// nextPage is a path without a host, so that it holds behind any proxy.
func nextPage(query *dataQuery, last int64) string {
	parameters := url.Values{
		paramStart:     {query.Span.Start.Format(time.RFC3339Nano)},
		paramEnd:       {query.Span.End.Format(time.RFC3339Nano)},
		paramVariables: query.Variables,
		paramCursor:    {newCursor(query, last)},
	}
	if query.limit != 0 {
		parameters.Set(paramLimit, strconv.Itoa(query.limit))
	}
	return "/data?" + parameters.Encode()
}
