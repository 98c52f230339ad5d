package dynamodb_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"delfos/infra/local/dynamodb"
)

// operation is one request on the table "random", and what a model makes of it.
type operation struct {
	name, body string
	play       func(*model) document // nil where the model has no answer
}

var createRandom = operation{name: "CreateTable", body: `{"TableName":"random","BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"r","AttributeType":"N"},{"AttributeName":"g","AttributeType":"S"}],
	"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"r","KeyType":"RANGE"}],
	"GlobalSecondaryIndexes":[{"IndexName":"by-g","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"r","KeyType":"RANGE"}],"Projection":{"ProjectionType":"ALL"}}]}`}

// model is a table as one would write it down: a list of items, searched through.
type model struct{ items []modelItem }

type modelItem struct {
	p    string
	r, n int
	g    string // empty for none
}

func (i modelItem) document() document {
	d := document{"p": document{"S": i.p}, "r": document{"N": fmt.Sprint(i.r)}, "n": document{"N": fmt.Sprint(i.n)}}
	if i.g != "" {
		d["g"] = document{"S": i.g}
	}
	return d
}

func (i modelItem) key() document {
	return document{"p": document{"S": i.p}, "r": document{"N": fmt.Sprint(i.r)}}
}

func (m *model) find(key modelItem) int {
	return slices.IndexFunc(m.items, func(i modelItem) bool { return i.p == key.p && i.r == key.r })
}

func (m *model) put(item modelItem) {
	if at := m.find(item); at >= 0 {
		m.items[at] = item
		return
	}
	m.items = append(m.items, item)
}

func (m *model) query(matches func(modelItem) bool, descending bool, limit int, key func(modelItem) document) document {
	var found []modelItem
	for _, item := range m.items {
		if matches(item) {
			found = append(found, item)
		}
	}
	slices.SortFunc(found, func(a, b modelItem) int { return a.r - b.r })
	if descending {
		slices.Reverse(found)
	}
	answer := document{}
	if limit > 0 && len(found) >= limit {
		found = found[:limit]
		answer["LastEvaluatedKey"] = key(found[limit-1])
	}
	items := []any{}
	for _, item := range found {
		items = append(items, item.document())
	}
	answer["Items"], answer["Count"], answer["ScannedCount"] = items, float64(len(found)), float64(len(found))
	return answer
}

var conditionFailed = document{"error": "ConditionalCheckFailedException", "item": nil}

func operationGenerator() *rapid.Generator[operation] {
	return rapid.OneOf(putGenerator(), updateGenerator(), deleteGenerator(), getGenerator(), queryGenerator(), indexGenerator())
}

func itemGenerator() *rapid.Generator[modelItem] {
	return rapid.Custom(func(t *rapid.T) modelItem {
		return modelItem{
			p: rapid.SampledFrom([]string{"a", "b", "a\x00b"}).Draw(t, "p"),
			r: rapid.IntRange(-12, 12).Draw(t, "r"),
			n: rapid.IntRange(-3, 3).Draw(t, "n"),
			// No two items share g and r, whose order would be open.
		}
	})
}

func (i modelItem) withIndexKey(t *rapid.T) modelItem {
	if rapid.Bool().Draw(t, "indexed") {
		i.g = i.p
	}
	return i
}

func putGenerator() *rapid.Generator[operation] {
	return rapid.Custom(func(t *rapid.T) operation {
		item := itemGenerator().Draw(t, "item").withIndexKey(t)
		conditional := rapid.Bool().Draw(t, "conditional")
		request := document{"TableName": "random", "Item": item.document(), "ReturnValues": "ALL_OLD"}
		if conditional {
			request["ConditionExpression"] = "attribute_not_exists(p)"
		}
		return operation{"PutItem", string(mustMarshal(request)), func(m *model) document {
			answer := document{}
			if at := m.find(item); at >= 0 {
				if conditional {
					return conditionFailed
				}
				answer["Attributes"] = m.items[at].document()
			}
			m.put(item)
			return answer
		}}
	})
}

func updateGenerator() *rapid.Generator[operation] {
	return rapid.Custom(func(t *rapid.T) operation {
		item := itemGenerator().Draw(t, "item")
		bound := rapid.IntRange(-5, 5).Draw(t, "bound")
		request := document{
			"TableName": "random", "Key": item.key(), "ReturnValues": "ALL_NEW",
			"UpdateExpression":    "SET n = if_not_exists(n, :zero) + :n REMOVE g",
			"ConditionExpression": "attribute_not_exists(n) OR n < :bound",
			"ExpressionAttributeValues": document{
				":zero": document{"N": "0"}, ":n": document{"N": fmt.Sprint(item.n)}, ":bound": document{"N": fmt.Sprint(bound)},
			},
		}
		return operation{"UpdateItem", string(mustMarshal(request)), func(m *model) document {
			updated := item
			if at := m.find(item); at >= 0 {
				if m.items[at].n >= bound {
					return conditionFailed
				}
				updated.n += m.items[at].n
			}
			m.put(updated)
			return document{"Attributes": updated.document()}
		}}
	})
}

func deleteGenerator() *rapid.Generator[operation] {
	return rapid.Custom(func(t *rapid.T) operation {
		item := itemGenerator().Draw(t, "item")
		request := document{"TableName": "random", "Key": item.key(), "ReturnValues": "ALL_OLD"}
		return operation{"DeleteItem", string(mustMarshal(request)), func(m *model) document {
			at := m.find(item)
			if at < 0 {
				return document{}
			}
			answer := document{"Attributes": m.items[at].document()}
			m.items = slices.Delete(m.items, at, at+1)
			return answer
		}}
	})
}

func getGenerator() *rapid.Generator[operation] {
	return rapid.Custom(func(t *rapid.T) operation {
		item := itemGenerator().Draw(t, "item")
		request := document{"TableName": "random", "Key": item.key(), "ConsistentRead": true}
		return operation{"GetItem", string(mustMarshal(request)), func(m *model) document {
			if at := m.find(item); at >= 0 {
				return document{"Item": m.items[at].document()}
			}
			return document{}
		}}
	})
}

var comparators = map[string]func(a, b int) bool{
	"=": func(a, b int) bool { return a == b }, "<": func(a, b int) bool { return a < b }, "<=": func(a, b int) bool { return a <= b },
	">": func(a, b int) bool { return a > b }, ">=": func(a, b int) bool { return a >= b },
}

func queryGenerator() *rapid.Generator[operation] {
	return rapid.Custom(func(t *rapid.T) operation {
		bound := itemGenerator().Draw(t, "bound")
		comparator := rapid.SampledFrom([]string{"=", "<", "<=", ">", ">="}).Draw(t, "comparator")
		descending, limit := rapid.Bool().Draw(t, "descending"), rapid.IntRange(0, 4).Draw(t, "limit")
		request := document{
			"TableName": "random", "KeyConditionExpression": "p = :p AND r " + comparator + " :r", "ScanIndexForward": !descending,
			"ExpressionAttributeValues": document{":p": document{"S": bound.p}, ":r": document{"N": fmt.Sprint(bound.r)}},
		}
		if limit > 0 {
			request["Limit"] = limit
		}
		return operation{"Query", string(mustMarshal(request)), func(m *model) document {
			return m.query(func(i modelItem) bool { return i.p == bound.p && comparators[comparator](i.r, bound.r) }, descending, limit, modelItem.key)
		}}
	})
}

func indexGenerator() *rapid.Generator[operation] {
	return rapid.Custom(func(t *rapid.T) operation {
		bound := itemGenerator().Draw(t, "bound")
		descending, limit := rapid.Bool().Draw(t, "descending"), rapid.IntRange(0, 3).Draw(t, "limit")
		request := document{
			"TableName": "random", "IndexName": "by-g", "KeyConditionExpression": "g = :g", "ScanIndexForward": !descending,
			"ExpressionAttributeValues": document{":g": document{"S": bound.p}},
		}
		if limit > 0 {
			request["Limit"] = limit
		}
		return operation{"Query", string(mustMarshal(request)), func(m *model) document {
			return m.query(func(i modelItem) bool { return i.g == bound.p }, descending, limit, func(i modelItem) document {
				key := i.key()
				key["g"] = document{"S": i.g}
				return key
			})
		}}
	})
}

// TestRandomOperationsAnswerAsAListOfItemsWould plays random operations on a server
// with a directory, reopens it now and then, and compares with the model.
func TestRandomOperationsAnswerAsAListOfItemsWould(t *testing.T) {
	t.Parallel()
	dir, number := t.TempDir(), 0
	rapid.Check(t, func(r *rapid.T) {
		number++
		options := dynamodb.Options{Dir: fmt.Sprintf("%s/%d", dir, number)}
		server, err := dynamodb.Open(options)
		if err != nil {
			r.Fatal(err)
		}
		defer func() { _ = server.Close() }() // the next round opens another
		call(r, server, createRandom)
		m := &model{}
		for _, o := range rapid.SliceOfN(operationGenerator(), 1, 80).Draw(r, "operations") {
			if diff := cmp.Diff(o.play(m), call(r, server, o)); diff != "" {
				r.Fatalf("%s %s (-model +server)\n%s", o.name, o.body, diff)
			}
			if rapid.IntRange(0, 9).Draw(r, "reopen") == 0 {
				server = reopen(r, server, options)
			}
		}
	})
}

func reopen(t *rapid.T, server *dynamodb.Server, options dynamodb.Options) *dynamodb.Server {
	if err := server.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := dynamodb.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	return again
}

// call carries out an operation without HTTP.
func call(t *rapid.T, server *dynamodb.Server, o operation) document {
	answer, err := server.Call(t.Context(), o.name, []byte(o.body))
	if err != nil {
		kind, _, _ := strings.Cut(err.Error(), ":")
		return document{"error": kind, "item": nil}
	}
	var decoded document
	if err := json.Unmarshal(mustMarshal(answer), &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}
