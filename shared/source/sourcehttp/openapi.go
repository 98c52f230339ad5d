package sourcehttp

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"delfos/shared/source"
)

// describe writes the OpenAPI document of the API. huma makes the schemas from the
// types that are answered; its router stays out, because it answers unknown paths in
// plain text and lets repeated parameters pass.
func describe(maxRows int) []byte {
	schemas := huma.NewMapRegistry("#/components/schemas/", huma.DefaultSchemaNamer)
	d := &description{schemas: schemas, problem: schemaOf[huma.ErrorModel](schemas, "Problem")}
	document := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "Source API", Version: "1.0.0",
			Description: "Samples of a wind turbine. Errors are problem documents (RFC 9457). Where an authorizer of Amazon API Gateway " +
				"stands before the API, a request without the token does not reach it, and the gateway answers in its own form.",
		},
		Servers: []*huma.Server{{URL: "/"}},
		Components: &huma.Components{
			Schemas:         schemas,
			SecuritySchemes: map[string]*huma.SecurityScheme{"token": {Type: "http", Scheme: "bearer"}},
		},
	}
	document.AddOperation(d.data(maxRows))
	document.AddOperation(d.variables())
	document.AddOperation(d.health())
	text, err := json.Marshal(document)
	if err != nil {
		panic(fmt.Sprintf("sourcehttp: the OpenAPI document cannot be written: %v", err))
	}
	return text
}

// description is an OpenAPI document in the making.
type description struct {
	schemas huma.Registry
	problem *huma.Schema
}

func schemaOf[T any](schemas huma.Registry, hint string) *huma.Schema {
	return schemas.Schema(reflect.TypeFor[T](), true, hint)
}

func (d *description) data(maxRows int) *huma.Operation {
	answers := d.answers("Samples in time order, the first page or the one of the cursor", d.samples(),
		http.StatusUnauthorized, http.StatusRequestURITooLong, http.StatusUnprocessableEntity, http.StatusServiceUnavailable)
	answers["200"].Headers = map[string]*huma.Param{
		"ETag": header("Fingerprint of the whole window's content; with a cursor, of the page's"),
		"Link": header(`Where the next page is, as <…>; rel="next"; absent on the last page`),
	}
	d.addGatewayRefusals(answers)
	answers["304"] = &huma.Response{Description: "The content still is what If-None-Match names"}
	return &huma.Operation{
		OperationID: "readData", Method: http.MethodGet, Path: "/data", Summary: "Read samples",
		Description: fmt.Sprintf("Samples in [start, end), at most %d days, in pages of at most %d.", source.MaxWindow/(24*time.Hour), maxRows),
		Security:    []map[string][]string{{"token": {}}},
		Parameters:  parameters(maxRows),
		Responses:   answers,
	}
}

func parameters(maxRows int) []*huma.Param {
	var names []any
	for _, name := range source.VariableNames() {
		names = append(names, name)
	}
	explode, one, least, most := true, 1, 1.0, float64(maxRows)
	text := &huma.Schema{Type: huma.TypeString}
	variables := &huma.Schema{
		Type: huma.TypeArray, MinItems: &one, UniqueItems: true,
		Items: &huma.Schema{Type: huma.TypeString, Enum: names},
	}
	const instant = "RFC 3339, or YYYY-MM-DD, or YYYY-MM-DD HH:MM:SS in UTC"
	return []*huma.Param{
		{Name: paramStart, In: "query", Required: true, Schema: text, Example: "2026-02-20", Description: "From this instant on. " + instant},
		{Name: paramEnd, In: "query", Required: true, Schema: text, Example: "2026-02-21", Description: "Up to, not including, this instant. " + instant},
		{
			Name: paramVariables, In: "query", Required: true, Style: "form", Explode: &explode, Schema: variables,
			Example: names[:2], Description: "What to read; repeated for each variable",
		},
		{
			Name: paramLimit, In: "query", Description: "Most samples in a page",
			Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &least, Maximum: &most, Default: maxRows},
		},
		{Name: paramCursor, In: "query", Schema: text, Description: "From the Link of the page before; opaque"},
		{Name: "If-None-Match", In: "header", Schema: text, Description: "ETag of an answer that the client has"},
	}
}

// samples is the schema of the array that /data answers.
func (d *description) samples() *huma.Schema {
	sample := &huma.Schema{
		Type: huma.TypeObject, AdditionalProperties: false, Required: []string{"timestamp"},
		Properties: map[string]*huma.Schema{
			"timestamp": {Type: huma.TypeString, Format: "date-time", Description: "Instant of the sample, in UTC"},
		},
	}
	for _, variable := range source.Variables() {
		sample.Properties[variable.Name] = &huma.Schema{
			Type: huma.TypeNumber, Nullable: true,
			Description: "In " + variable.Unit + "; null where there is no finite number; there if it was asked for",
		}
	}
	d.schemas.Map()["Sample"] = sample
	return &huma.Schema{Type: huma.TypeArray, Items: &huma.Schema{Ref: "#/components/schemas/Sample"}}
}

func (d *description) variables() *huma.Operation {
	answers := d.answers("The variables, and the extent of the samples", schemaOf[variablesAnswer](d.schemas, "Variables"),
		http.StatusUnauthorized, http.StatusUnprocessableEntity, http.StatusServiceUnavailable)
	d.addGatewayRefusals(answers)
	return &huma.Operation{
		OperationID: "listVariables", Method: http.MethodGet, Path: "/variables",
		Summary:   "List the variables, and when there are samples",
		Security:  []map[string][]string{{"token": {}}},
		Responses: answers,
	}
}

func (d *description) health() *huma.Operation {
	return &huma.Operation{
		OperationID: "checkHealth", Method: http.MethodGet, Path: "/health",
		Summary:   "Tell whether the API can read its database",
		Responses: d.answers("It can", schemaOf[healthAnswer](d.schemas, "Health"), http.StatusServiceUnavailable),
	}
}

// answers are a success and problem documents.
func (d *description) answers(success string, schema *huma.Schema, problems ...int) map[string]*huma.Response {
	answers := map[string]*huma.Response{"200": {
		Description: success,
		Content:     map[string]*huma.MediaType{"application/json": {Schema: schema}},
	}}
	for _, status := range problems {
		answers[strconv.Itoa(status)] = &huma.Response{
			Description: http.StatusText(status),
			Content:     map[string]*huma.MediaType{"application/problem+json": {Schema: d.problem}},
		}
	}
	return answers
}

// gatewayAnswer is what Amazon API Gateway answers by itself.
type gatewayAnswer struct {
	Message string `json:"message"`
}

// addGatewayRefusals adds the answers of an authorizer, where one stands before the API.
// They cannot be changed on an HTTP API.
func (d *description) addGatewayRefusals(answers map[string]*huma.Response) {
	message := &huma.MediaType{Schema: schemaOf[gatewayAnswer](d.schemas, "GatewayAnswer")}
	answers["401"].Content["application/json"] = message
	answers["401"].Description = "No token, or without an authorizer before the API a wrong one"
	answers["403"] = &huma.Response{
		Description: "A wrong token, by an authorizer before the API",
		Content:     map[string]*huma.MediaType{"application/json": message},
	}
}

func header(description string) *huma.Param {
	return &huma.Param{Description: description, Schema: &huma.Schema{Type: huma.TypeString}}
}
