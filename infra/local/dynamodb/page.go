package dynamodb

import (
	"encoding/json"
	"slices"
	"strings"

	"delfos/infra/local/dynamodb/attribute"
	"delfos/infra/local/dynamodb/expression"
)

// maxPageBytes is how much Query and Scan read for one answer (API Reference, Query).
const maxPageBytes = 1 << 20

// readParameters are what Query and Scan have in common.
type readParameters struct {
	TableName         *string
	IndexName         *string
	ConsistentRead    bool
	ExclusiveStartKey attribute.Map
	expressionAttributes
	FilterExpression       *string
	ProjectionExpression   *string
	Limit                  *int
	Select                 string
	ReturnConsumedCapacity string
}

type pageAnswer struct {
	Items            []pageItem `json:",omitzero"`
	Count            int
	ScannedCount     int
	LastEvaluatedKey attribute.Map     `json:",omitempty"`
	ConsumedCapacity *consumedCapacity `json:",omitempty"`
}

// pageItem is what a page has of an item: all of it, or what is selected.
type pageItem struct {
	whole *record // nil where a part is selected
	part  attribute.Map
}

// MarshalJSON writes the item.
func (i pageItem) MarshalJSON() ([]byte, error) { return i.appendJSON(nil), nil }

func (i pageItem) appendJSON(dst []byte) []byte {
	if i.whole != nil {
		return i.whole.appendJSON(dst)
	}
	return i.part.AppendJSON(dst)
}

// AppendJSON appends the answer as json.Marshal writes it.
func (p pageAnswer) AppendJSON(dst []byte) ([]byte, error) {
	items := p.Items
	p.Items = nil
	rest, err := json.Marshal(p)
	if err != nil || items == nil {
		return append(dst, rest...), err
	}
	dst = append(slices.Grow(dst, len(rest)+pageBytes(items)), `{"Items":[`...)
	for i, item := range items {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = item.appendJSON(dst)
	}
	dst = append(dst, "],"...)
	return append(dst, rest[1:]...), nil // Count is always there
}

// pageBytes is about how long the items' JSON is, with quotation marks and types.
func pageBytes(items []pageItem) int {
	size := 0
	for _, item := range items {
		if item.whole != nil {
			size += 2 * item.whole.size
		}
	}
	return size
}

func (p *readParameters) validate(c *constraints) error {
	c.required("tableName", p.TableName != nil)
	c.between("limit", p.Limit, 1, 1<<31-1)
	c.oneOf("select", p.Select, "SPECIFIC_ATTRIBUTES", "COUNT", "ALL_ATTRIBUTES", "ALL_PROJECTED_ATTRIBUTES")
	c.consumedCapacity(p.ReturnConsumedCapacity)
	if err := c.err(); err != nil {
		return err
	}
	switch hasProjection := p.ProjectionExpression != nil; {
	case p.Select == "COUNT" && hasProjection:
		return invalid("Cannot specify the ProjectionExpression when choosing to get only the Count")
	case strings.HasPrefix(p.Select, "ALL_") && hasProjection:
		return invalid("Cannot specify the ProjectionExpression when choosing to get %s", p.Select)
	case p.Select == "SPECIFIC_ATTRIBUTES" && !hasProjection:
		return invalid("Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES")
	case p.Select == "ALL_PROJECTED_ATTRIBUTES" && p.IndexName == nil:
		return invalid("ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName")
	}
	return nil
}

// reading is a Query or Scan whose parameters have been checked.
type reading struct {
	parameters *readParameters
	table      *table
	index      *index
	filter     *expression.Condition // nil for none
	projection expression.Projection // nil for all that the index gives
	span       span
	descending bool
}

// span is a range of stored keys: low <= key < high; an empty high is no bound.
type span struct{ low, high string }

func (s span) holds(key string) bool {
	return s.low <= key && (s.high == "" || key < s.high)
}

// begin parses what Query and Scan have in common; the scope has seen the other
// expressions of the request.
func (s *Server) begin(p *readParameters, scope *expression.Scope) (*reading, error) {
	r := &reading{parameters: p}
	var err error
	if p.FilterExpression != nil {
		if r.filter, err = scope.Condition("FilterExpression", *p.FilterExpression); err != nil {
			return nil, err
		}
	}
	if p.ProjectionExpression != nil {
		if r.projection, err = scope.Projection(*p.ProjectionExpression); err != nil {
			return nil, err
		}
	}
	if err := scope.CheckUsed(); err != nil {
		return nil, err
	}
	if r.table, err = s.table(p.TableName); err != nil {
		return nil, err
	}
	if r.index, err = r.table.index(p.IndexName); err != nil {
		return nil, err
	}
	return r, r.check()
}

func (r *reading) check() error {
	if err := r.table.checkPaths(r.projection); err != nil {
		return err
	}
	var filtered []expression.Path
	if r.filter != nil {
		filtered = r.filter.Paths()
	}
	if err := r.table.checkPaths(filtered); err != nil {
		return err
	}
	if !r.index.global {
		return nil
	}
	name := r.index.name
	switch missing, missingFilters := r.index.lacks(r.projection), r.index.lacks(filtered); {
	case r.parameters.ConsistentRead:
		return invalid("Consistent reads are not supported on global secondary indexes")
	case r.parameters.Select == "ALL_ATTRIBUTES" && r.index.projected != nil:
		return invalid("One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index %s because its projection type is not ALL", name)
	case len(missing) > 0:
		return invalid("One or more parameter values were invalid: Global secondary index %s does not project [%s]", name, strings.Join(missing, ", "))
	case len(missingFilters) > 0:
		return invalid("One or more parameter values were invalid: Global secondary index %s does not project one or more filter attributes: [%s]", name, strings.Join(missingFilters, ", "))
	}
	return nil
}

// lacks lists the attributes of paths that the index does not project.
func (x *index) lacks(paths []expression.Path) []string {
	var missing []string
	for _, path := range paths {
		if name := path.Attribute(); x.projected != nil && !x.projected[name] && !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	return missing
}
