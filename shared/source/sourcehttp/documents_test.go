package sourcehttp_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/go-cmp/cmp"

	"delfos/shared/source/sourcehttp"
)

func TestVariablesTellsNamesUnitsAndExtent(t *testing.T) {
	t.Parallel()
	const names = `{"variables":[{"name":"wind_speed","unit":"m/s"},{"name":"power","unit":"kW"},{"name":"ambient_temperature","unit":"°C"}],`
	api := newAPI(t, sourcehttp.Options{})
	if got := ask(api.overHTTP).get(t, "/variables"); string(got.body) != names+`"extent":null}` {
		t.Errorf("without samples: %d, %s", got.status, got.body)
	}
	api.minutes(t)
	api.everyWay(t, func(t *testing.T, way ask) {
		got := way.get(t, "/variables")
		if string(got.body) != names+`"extent":{"first":"2026-02-20T00:00:00Z","last":"2026-02-20T23:59:00Z"}}` {
			t.Errorf("got %d, %s", got.status, got.body)
		}
	})
}

func TestHealthDocsAndDescriptionNeedNoToken(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.everyWay(t, func(t *testing.T, way ask) {
		for target, contentType := range map[string]string{
			"/health": "application/json", "/openapi.json": "application/json", "/docs": "text/html",
		} {
			if got := way(t, http.MethodGet, target); got.status != 200 || got.header.Get("Content-Type") != contentType {
				t.Errorf("%s: status %d, Content-Type %q", target, got.status, got.header.Get("Content-Type"))
			}
		}
		if got := way(t, http.MethodGet, "/health"); string(got.body) != `{"status":"ok"}` {
			t.Errorf("/health: %s", got.body)
		}
	})
}

func TestTheDocumentationComesFromTheBinaryAlone(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.everyWay(t, func(t *testing.T, way ask) {
		page := way(t, http.MethodGet, "/docs")
		references := regexp.MustCompile(`(?:src|href)="([^"]*)"`).FindAllSubmatch(page.body, -1)
		if len(references) < 3 {
			t.Fatalf("the page refers to %d files", len(references))
		}
		for _, reference := range references {
			target := string(reference[1])
			if strings.Contains(target, "//") {
				t.Errorf("the page refers to another host: %s", target)
				continue
			}
			for _, headers := range [][]string{nil, {"Accept-Encoding", "gzip"}} {
				if got := way(t, http.MethodGet, target, headers...); got.status != 200 || len(got.body) < 500 {
					t.Errorf("%s %v: status %d, %d bytes", target, headers, got.status, len(got.body))
				}
			}
		}
		if policy := page.header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'self';") {
			t.Errorf("Content-Security-Policy = %q", policy)
		}
	})
}

// description is what the tests read of the OpenAPI document.
type description struct {
	OpenAPI string
	Paths   map[string]map[string]struct {
		Parameters []struct{ Name, In string }
		Responses  map[string]struct {
			Content map[string]struct{ Schema *huma.Schema }
		}
	}
	Components struct{ Schemas map[string]*huma.Schema }
}

func TestTheDescriptionHasThePathsParametersAndStatuses(t *testing.T) {
	t.Parallel()
	var d description
	api := newAPI(t, sourcehttp.Options{})
	if err := json.Unmarshal(ask(api.overHTTP).get(t, "/openapi.json").body, new(any)); err != nil {
		t.Fatal(err)
	}
	decodeLoosely(t, ask(api.overHTTP).get(t, "/openapi.json").body, &d)
	if d.OpenAPI != "3.1.0" {
		t.Errorf("openapi = %q", d.OpenAPI)
	}
	var paths []string
	for path, operations := range d.Paths {
		for method := range operations {
			paths = append(paths, method+" "+path)
		}
	}
	slices.Sort(paths)
	if diff := cmp.Diff([]string{"get /data", "get /health", "get /variables"}, paths); diff != "" {
		t.Error(diff)
	}
	data := d.Paths["/data"]["get"]
	for _, status := range []string{"200", "304", "401", "414", "422", "503"} {
		if _, ok := data.Responses[status]; !ok {
			t.Errorf("/data lacks status %s", status)
		}
	}
	for path, operations := range d.Paths {
		refusals := operations["get"].Responses
		_, problem := refusals["401"].Content["application/problem+json"]
		_, unauthorized := refusals["401"].Content["application/json"]
		_, forbidden := refusals["403"].Content["application/json"]
		if guarded := path != "/health"; problem != guarded || unauthorized != guarded || forbidden != guarded {
			t.Errorf("%s is described as turned away by itself: %t, and by an authorizer with 401: %t, 403: %t", path, problem, unauthorized, forbidden)
		}
	}
	query := url.Values{}
	for _, parameter := range data.Parameters {
		if parameter.In == "query" {
			query.Set(parameter.Name, "")
		}
	}
	refusal := problemOf(t, ask(api.overHTTP).get(t, "/data?"+query.Encode()))
	for _, e := range refusal.Errors {
		if strings.Contains(e.Message, "unknown, want one of start") {
			t.Errorf("the description has a parameter that the API does not know: %s", e.Location)
		}
	}
	if len(query) != 5 {
		t.Errorf("the description has the parameters %v", query)
	}
}

// decodeLoosely leaves out of the schemas what huma writes and cannot read: the
// types of what may be null, as lists.
func decodeLoosely(t testing.TB, text []byte, d *description) {
	t.Helper()
	loose := regexp.MustCompile(`"type":\["(\w+)","null"\]`).ReplaceAll(text, []byte(`"type":"$1"`))
	if err := json.Unmarshal(loose, d); err != nil {
		t.Fatal(err)
	}
}

func TestAnswersHaveTheMembersThatTheDescriptionSays(t *testing.T) {
	t.Parallel()
	api := newAPI(t, sourcehttp.Options{})
	api.minutes(t)
	way := ask(api.overHTTP)
	var d description
	decodeLoosely(t, way.get(t, "/openapi.json").body, &d)
	for target, schema := range map[string]string{
		"/variables": "VariablesAnswer", "/health": "HealthAnswer", "/data": "ErrorModel",
		"/data?" + window + "&limit=1&variables=wind_speed&variables=power&variables=ambient_temperature": "Sample",
	} {
		body := string(way.get(t, target).body)
		var members map[string]any
		if err := json.Unmarshal([]byte(strings.Trim(body, "[]")), &members); err != nil {
			if err := json.Unmarshal([]byte(body), &members); err != nil {
				t.Fatal(err)
			}
		}
		described := d.Components.Schemas[schema]
		if described == nil {
			t.Errorf("no schema %s among %v", schema, reflect.ValueOf(d.Components.Schemas).MapKeys())
			continue
		}
		for member := range members {
			if described.Properties[member] == nil {
				t.Errorf("%s answers %q, which %s does not describe", target, member, schema)
			}
		}
		for _, member := range described.Required {
			if _, ok := members[member]; !ok {
				t.Errorf("%s does not answer %q, which %s requires", target, member, schema)
			}
		}
	}
}
