package source_test

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"net/http"
	"runtime"
	"strconv"
	"testing"
	"time"

	"delfos/shared/bearer"
	"delfos/shared/source"
)

// cannedPages answers a day of 1-second data in pages of the greatest size. It is
// no server, so that the memory that is measured is the client's alone.
type cannedPages struct {
	pages [][]byte
	etag  string
}

func newCannedPages() *cannedPages {
	canned, hasher := &cannedPages{}, source.NewHasher(day.Variables)
	var page bytes.Buffer
	for second := range 86_400 {
		at := midnight.Add(time.Duration(second) * time.Second)
		windSpeed, power := 8+math.Sin(float64(second)), 600*math.Cos(float64(second))
		hasher.AddRow(at.UnixMicro(), []float64{windSpeed, power})
		_, _ = fmt.Fprintf(&page, `,{"timestamp":%q,"wind_speed":%v,"power":%v}`, at.Format(time.RFC3339), windSpeed, power)
		if second%source.MaxPageRows == source.MaxPageRows-1 || second == 86_399 {
			canned.pages = append(canned.pages, append(append([]byte{'['}, page.Bytes()[1:]...), ']'))
			page.Reset()
		}
	}
	canned.etag = hasher.Sum().ETag()
	return canned
}

func (c *cannedPages) RoundTrip(r *http.Request) (*http.Response, error) {
	number, _ := strconv.Atoi(r.URL.Query().Get("cursor"))
	header := http.Header{"Etag": {c.etag}}
	if number+1 < len(c.pages) {
		header.Set("Link", fmt.Sprintf(`</data?cursor=%d>; rel="next"`, number+1))
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: header, Request: r,
		ContentLength: int64(len(c.pages[number])), Body: io.NopCloser(bytes.NewReader(c.pages[number])),
	}, nil
}

// TestADayOfSecondsTakesLittleMemory measures the process.
//
//nolint:paralleltest // other tests' memory would count
func TestADayOfSecondsTakesLittleMemory(t *testing.T) {
	client, err := source.NewClient(source.ClientOptions{
		BaseURL: "http://canned", Token: bearer.Fixed(token), HTTPClient: &http.Client{Transport: newCannedPages()},
	})
	if err != nil {
		t.Fatal(err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rows := 0
	if _, err := client.Read(t.Context(), day, func(page *source.Rows) error {
		rows += page.Len()
		return nil
	}); err != nil || rows != 86_400 {
		t.Fatalf("%d rows, %v", rows, err)
	}
	runtime.ReadMemStats(&after)
	if allocated := after.TotalAlloc - before.TotalAlloc; allocated > 10<<20 {
		t.Errorf("it allocated %d bytes in all, want at most 10 MB", allocated)
	}
}
