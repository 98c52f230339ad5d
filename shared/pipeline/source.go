package pipeline

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"delfos/shared/partition"
	"delfos/shared/source"
)

// Extent is what the source API says that it has.
type Extent struct {
	Variables   []source.Variable
	First, Last time.Time // of the samples, UTC; zero without any
}

// Extent asks the source API what it has. The error is an *UnavailableError or a
// *RefusedError.
func (p *Pipeline) Extent(ctx context.Context) (Extent, error) {
	var answer struct {
		Variables []struct{ Name, Unit string }
		Extent    *struct{ First, Last time.Time }
	}
	if err := p.ask(ctx, "variables", &answer); err != nil {
		return Extent{}, err
	}
	var extent Extent
	for _, variable := range answer.Variables {
		extent.Variables = append(extent.Variables, source.Variable{Name: variable.Name, Unit: variable.Unit})
	}
	if answer.Extent != nil {
		extent.First, extent.Last = answer.Extent.First.UTC(), answer.Extent.Last.UTC()
	}
	return extent, nil
}

// mostAnswerBytes is far above the answers of /health and /variables.
const mostAnswerBytes = 64 << 10

// ask reads one of the source API's small documents.
func (p *Pipeline) ask(ctx context.Context, path string, answer any) error {
	ctx, cancel := context.WithTimeout(ctx, readWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(p.options.SourceURL, "/")+"/"+path, nil)
	if err != nil {
		return &RefusedError{theSource, err}
	}
	response, err := p.source.Do(request)
	if err != nil {
		return explain(theSource, err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, mostAnswerBytes))
	if err != nil {
		return &UnavailableError{theSource, err}
	}
	if response.StatusCode != http.StatusOK {
		return refusedBySource(response, body)
	}
	if err := json.Unmarshal(body, answer); err != nil {
		return &RefusedError{theSource, fmt.Errorf("its answer to /%s cannot be read: %w", path, err)}
	}
	return nil
}

// problemError is what the API itself says is wrong: a problem document (RFC 9457).
type problemError struct {
	Status        int
	Title, Detail string
}

// Error is the title and the detail.
func (e *problemError) Error() string {
	return strings.Trim(fmt.Sprintf("status %d, %s: %s", e.Status, e.Title, e.Detail), ": ")
}

func refusedBySource(response *http.Response, body []byte) error {
	code := response.StatusCode
	cause := fmt.Errorf("status %d, %s", code, http.StatusText(code))
	problem := &problemError{}
	if strings.HasPrefix(response.Header.Get("Content-Type"), "application/problem+json") && json.Unmarshal(body, problem) == nil {
		problem.Status = code
		cause = problem
	}
	if code >= http.StatusInternalServerError || code == http.StatusTooManyRequests {
		return &UnavailableError{theSource, cause}
	}
	return &RefusedError{theSource, cause}
}

// Samples are what the source has of a window, in time order.
type Samples struct {
	Times  []time.Time
	Values [][]float64 // by variable of the query, then by time; NaN is none
	Cut    bool        // there are more than MaxSamples: these are the first
}

// MaxSamples bounds what Samples reads: two weeks of minutes.
const MaxSamples = 20_160

// errEnough ends a reading.
var errEnough = errors.New("enough samples")

// Samples reads some variables of the samples in a window of up to 31 days from the
// source API. The error is an *InvalidError of field "query", an *UnavailableError or
// a *RefusedError.
func (p *Pipeline) Samples(ctx context.Context, window partition.Span, variables []string) (Samples, error) {
	query := source.Query{Span: window, Variables: variables}
	if err := query.Validate(); err != nil {
		return Samples{}, &InvalidError{"query", err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, p.options.Patience)
	defer cancel()
	found := Samples{Values: make([][]float64, len(variables))}
	_, err := p.source.Read(ctx, query, func(rows *source.Rows) error {
		most := min(rows.Len(), MaxSamples-len(found.Times))
		for i := range most {
			found.Times = append(found.Times, rows.Time(i))
		}
		for i := range found.Values {
			found.Values[i] = append(found.Values[i], rows.Values[i][:most]...)
		}
		if most < rows.Len() {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		found.Cut, err = true, nil
	}
	return found, explain(theSource, err)
}
