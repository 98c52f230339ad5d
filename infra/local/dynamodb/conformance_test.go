package dynamodb_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/dynamodb"
)

// step is one request and its answer: a JSON document, or "Type: message".
type step struct {
	operation, body, want string
	// elsewhere says why the second DynamoDB answers otherwise; empty where the two
	// agree. Messages are not compared between them.
	elsewhere string
}

const createThings = `{"TableName":"things","BillingMode":"PAY_PER_REQUEST",
	"AttributeDefinitions":[{"AttributeName":"p","AttributeType":"S"},{"AttributeName":"r","AttributeType":"N"},{"AttributeName":"g","AttributeType":"S"},{"AttributeName":"l","AttributeType":"S"}],
	"KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"r","KeyType":"RANGE"}],
	"LocalSecondaryIndexes":[{"IndexName":"by-l","KeySchema":[{"AttributeName":"p","KeyType":"HASH"},{"AttributeName":"l","KeyType":"RANGE"}],"Projection":{"ProjectionType":"KEYS_ONLY"}}],
	"GlobalSecondaryIndexes":[{"IndexName":"by-g","KeySchema":[{"AttributeName":"g","KeyType":"HASH"},{"AttributeName":"r","KeyType":"RANGE"}],"Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["x"]}}]}`

// things has one item with a value of each type, at p = a, r = 1.
const thing = `{"p":{"S":"a"},"r":{"N":"1"},"s":{"S":"héllo"},"n":{"N":"10"},"b":{"B":"AAEC"},"t":{"BOOL":true},"z":{"NULL":true},
	"ss":{"SS":["x","y"]},"ns":{"NS":["1","2"]},"bs":{"BS":["AA==","AQ=="]},"li":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"}]},
	"m":{"M":{"k":{"S":"v"},"d":{"M":{"e":{"N":"5"}}}}},"x":{"N":"7"},"g":{"S":"G"},"l":{"S":"L"}}`

// run plays the steps on a fresh server and compares every answer.
func run(t *testing.T, steps []step) {
	t.Helper()
	url := serve(t, open(t, dynamodb.Options{}))
	for _, s := range steps {
		_, answer := post(t, url, s.operation, s.body)
		if kind, ok := answer["__type"].(string); ok {
			message, _ := answer["message"].(string)
			if got := kind + ": " + message; got != s.want {
				t.Errorf("%s %s\n got %s\nwant %s", s.operation, s.body, got, s.want)
			}
			continue
		}
		if s.want == anything {
			continue
		}
		var want document
		if err := json.Unmarshal([]byte(s.want), &want); err != nil {
			t.Errorf("%s %s\n got %s\nwant %s", s.operation, s.body, mustMarshal(answer), s.want)
			continue
		}
		sortSets(want)
		if diff := cmp.Diff(want, answer); diff != "" {
			t.Errorf("%s %s\n got %s\n(-want +got) %s", s.operation, s.body, mustMarshal(answer), diff)
		}
	}
}

// anything is the answer of a step whose answer other tests look at.
const anything = "anything"

// withThing begins steps with the table and its item.
func withThing(steps []step) []step {
	return append([]step{
		{"CreateTable", createThings, anything, ""},
		{"PutItem", `{"TableName":"things","Item":` + thing + `}`, anything, ""},
	}, steps...)
}

const (
	yes = `{"Count":1,"ScannedCount":1}`
	no  = `{"Count":0,"ScannedCount":1}`
)

// filter scans with a condition; values is what stands between the braces.
func filter(condition, values, want string) step {
	body := `{"TableName":"things","Select":"COUNT","FilterExpression":` + quote(condition)
	if values != "" {
		body += `,"ExpressionAttributeValues":{` + values + `}`
	}
	return step{"Scan", body + `}`, want, ""}
}

func (s step) unlike(reason string) step {
	s.elsewhere = reason
	return s
}

func quote(s string) string { return string(mustMarshal(s)) }

func refused(message string) string { return "ValidationException: " + message }

func badFilter(message string) string { return refused("Invalid FilterExpression: " + message) }

var conditionSteps = withThing([]step{
	filter(`n = :v`, `":v":{"N":"1E1"}`, yes),
	filter(`n = :v`, `":v":{"S":"10"}`, no),
	filter(`n <> :v`, `":v":{"S":"10"}`, yes),
	filter(`nope <> :v`, `":v":{"S":"10"}`, yes),
	filter(`nope = :v`, `":v":{"S":"10"}`, no),
	filter(`NOT nope = :v`, `":v":{"S":"10"}`, yes),
	filter(`n > :v`, `":v":{"N":"9"}`, yes),
	filter(`n < :v`, `":v":{"N":"9"}`, no),
	filter(`:v < n`, `":v":{"N":"9"}`, yes),
	filter(`n >= :v AND n <= :v`, `":v":{"N":"10"}`, yes),
	filter(`s > :v`, `":v":{"S":"hello"}`, yes),
	filter(`b < :v`, `":v":{"B":"AAED"}`, yes),
	filter(`n > x`, ``, yes),
	filter(`ss = :v`, `":v":{"SS":["y","x"]}`, yes),
	filter(`ns = :v`, `":v":{"NS":["2.0","1"]}`, yes),
	filter(`m.d = :v`, `":v":{"M":{"e":{"N":"5"}}}`, yes),
	filter(`m.d.e = :v`, `":v":{"N":"5"}`, yes),
	filter(`li[1] = :v`, `":v":{"N":"1"}`, yes),
	filter(`li[9] = :v`, `":v":{"N":"1"}`, no),
	filter(`m[0] = :v`, `":v":{"N":"1"}`, no),
	filter(`li.k = :v`, `":v":{"N":"1"}`, no),
	filter(`n BETWEEN :a AND :b`, `":a":{"N":"1"},":b":{"N":"10"}`, yes),
	filter(`n BETWEEN :a AND :b AND s = :a`, `":a":{"N":"1"},":b":{"N":"10"}`, no),
	filter(`n IN (:a, :b)`, `":a":{"S":"10"},":b":{"N":"10"}`, yes),
	filter(`n IN (:a)`, `":a":{"S":"10"}`, no),
	filter(`n = :v OR n = :w AND n = :w`, `":v":{"N":"10"},":w":{"N":"1"}`, yes),
	filter(`(n = :v OR n = :w) AND n = :w`, `":v":{"N":"10"},":w":{"N":"1"}`, no),
	filter(`not n = :w and n = :v`, `":v":{"N":"10"},":w":{"N":"1"}`, yes),
	filter(`NOT (n = :v AND s = :v)`, `":v":{"N":"10"}`, yes),
	filter(`(n) = (:v)`, `":v":{"N":"10"}`, yes).unlike("does not know parentheses round operands"),
	filter(`attribute_exists(m.k)`, ``, yes),
	filter(`attribute_not_exists(m.q)`, ``, yes),
	filter(`attribute_exists(z)`, ``, yes),
	filter(`attribute_type(z, :v)`, `":v":{"S":"NULL"}`, yes),
	filter(`attribute_type(nope, :v)`, `":v":{"S":"NULL"}`, no),
	filter(`begins_with(s, :v)`, `":v":{"S":"hé"}`, yes),
	filter(`begins_with(b, :v)`, `":v":{"B":"AAE="}`, yes),
	filter(`begins_with(n, :v)`, `":v":{"S":"1"}`, no),
	filter(`contains(s, :v)`, `":v":{"S":"llo"}`, yes),
	filter(`contains(ss, :v)`, `":v":{"S":"y"}`, yes),
	filter(`contains(ns, :v)`, `":v":{"N":"2.00"}`, yes),
	filter(`contains(bs, :v)`, `":v":{"B":"AQ=="}`, yes),
	filter(`contains(li, :v)`, `":v":{"N":"3"}`, yes),
	filter(`contains(li, :v)`, `":v":{"S":"3"}`, no),
	filter(`contains(n, :v)`, `":v":{"N":"1"}`, no),
	filter(`size(s) = :v`, `":v":{"N":"6"}`, yes).unlike("counts characters; AWS counts the bytes of UTF-8"),
	filter(`size(b) = :v`, `":v":{"N":"3"}`, yes),
	filter(`size(li) = :v`, `":v":{"N":"4"}`, yes),
	filter(`size(m) = :v`, `":v":{"N":"2"}`, yes),
	filter(`size(ss) BETWEEN :v AND :v`, `":v":{"N":"2"}`, yes),
	filter(`size(n) = :v`, `":v":{"N":"2"}`, no),

	filter(``, ``, badFilter(`The expression can not be empty;`)),
	filter(`n =`, `":v":{"N":"1"}`, badFilter(`Syntax error; token: "<EOF>", near: "="`)),
	filter(`n = :v n`, `":v":{"N":"1"}`, badFilter(`Syntax error; token: "n", near: ":v n"`)),
	filter(`n ! :v`, `":v":{"N":"1"}`, badFilter(`Syntax error; token: "!", near: "n ! :v"`)),
	filter(`(n = :v`, `":v":{"N":"1"}`, badFilter(`Syntax error; token: "<EOF>", near: ":v"`)),
	filter(`n`, ``, badFilter(`Syntax error; token: "<EOF>", near: "n"`)),
	filter(`((n = :v))`, `":v":{"N":"1"}`, badFilter(`The expression has redundant parentheses;`)),
	filter(`n = :w`, `":v":{"N":"1"}`, badFilter(`An expression attribute value used in expression is not defined; attribute value: :w`)),
	filter(`#n = :v`, `":v":{"N":"1"}`, badFilter(`An expression attribute name used in the document path is not defined; attribute name: #n`)),
	filter(`n = :v`, `":v":{"N":"1"},":w":{"N":"1"}`, refused(`Value provided in ExpressionAttributeValues unused in expressions: keys: {:w}`)),
	filter(`status = :v`, `":v":{"N":"1"}`, badFilter(`Attribute name is a reserved keyword; reserved keyword: status`)),
	filter(`m.Status = :v`, `":v":{"N":"1"}`, badFilter(`Attribute name is a reserved keyword; reserved keyword: Status`)),
	filter(`n = n`, ``, badFilter(`The first operand must be distinct from the remaining operands for this operator or function; operator: =, first operand: [n]`)).unlike("allows it"),
	filter(`n BETWEEN :a AND :b`, `":a":{"N":"2"},":b":{"N":"1"}`, badFilter(`The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {N:1}`)).unlike("allows it"),
	filter(`n BETWEEN :a AND :b`, `":a":{"N":"2"},":b":{"S":"1"}`, badFilter(`The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {N:2}, upper bound operand: AttributeValue: {S:1}`)).unlike("allows it"),
	filter(`n > :v`, `":v":{"BOOL":true}`, badFilter(`Incorrect operand type for operator or function; operator or function: >, operand type: BOOL`)).unlike("allows it"),
	filter(`begins_with(s, :v)`, `":v":{"N":"1"}`, badFilter(`Incorrect operand type for operator or function; operator or function: begins_with, operand type: N`)),
	filter(`size(:v) = :v`, `":v":{"N":"1"}`, badFilter(`Incorrect operand type for operator or function; operator or function: size, operand type: N`)),
	filter(`attribute_type(n, :v)`, `":v":{"S":"STRING"}`, badFilter(`Invalid attribute type name found; type: STRING, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}`)).unlike("allows it"),
	filter(`attribute_exists(:v)`, `":v":{"S":"n"}`, badFilter(`Operator or function requires a document path; operator or function: attribute_exists`)),
	filter(`contains(s)`, ``, badFilter(`Incorrect number of operands for operator or function; operator or function: contains, number of operands: 1`)),
	filter(`foo(s)`, ``, badFilter(`Invalid function name; function: foo`)),
	filter(`size(s)`, ``, badFilter(`The function is not allowed to be used this way in an expression; function: size`)),
	filter(`contains(s, :v) = :v`, `":v":{"S":"a"}`, badFilter(`The function is not allowed to be used this way in an expression; function: contains`)),
	filter(`p.x = :v`, `":v":{"S":"a"}`, refused(`Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: p`)),
	filter(`n = :v`, `"v":{"N":"1"}`, refused(`ExpressionAttributeValues contains invalid key: Syntax error; key: "v"`)),
	{"Scan", `{"TableName":"things","FilterExpression":"n = :v","ExpressionAttributeValues":{}}`, refused(`ExpressionAttributeValues must not be empty`), ""},
	{"Scan", `{"TableName":"things","ExpressionAttributeNames":{"#n":"n"}}`, refused(`ExpressionAttributeNames can only be specified when using expressions`), ""},
	{"Scan", `{"TableName":"things","ExpressionAttributeValues":{":v":{"N":"1"}}}`, refused(`ExpressionAttributeValues can only be specified when using expressions: FilterExpression is null`), ""},
	{"Scan", `{"TableName":"things","FilterExpression":"n = #n","ExpressionAttributeNames":{"#n":"x","#o":"x"}}`, refused(`Value provided in ExpressionAttributeNames unused in expressions: keys: {#o}`), ""},
})

func TestConditionsDecideAsOnAWS(t *testing.T) {
	t.Parallel()
	run(t, conditionSteps)
}

// update changes the thing and answers with what it wrote.
func update(expression, values, want string) step {
	body := `{"TableName":"things","Key":{"p":{"S":"a"},"r":{"N":"1"}},"ReturnValues":"UPDATED_NEW","UpdateExpression":` + quote(expression)
	if values != "" {
		body += `,"ExpressionAttributeValues":{` + values + `}`
	}
	return step{"UpdateItem", body + `}`, want, ""}
}

func badUpdate(message string) string { return refused("Invalid UpdateExpression: " + message) }

var updateSteps = withThing([]step{
	update(`SET n = :v`, `":v":{"N":"+007.50"}`, `{"Attributes":{"n":{"N":"7.5"}}}`),
	update(`SET n = n + :v, x = x - :v`, `":v":{"N":"0.25"}`, `{"Attributes":{"n":{"N":"7.75"},"x":{"N":"6.75"}}}`),
	update(`SET n = x, x = n`, ``, `{"Attributes":{"n":{"N":"6.75"},"x":{"N":"7.75"}}}`),
	update(`SET n = (x + :v)`, `":v":{"N":"1"}`, `{"Attributes":{"n":{"N":"8.75"}}}`),
	update(`SET n = (x) + (:v)`, `":v":{"N":"2"}`, `{"Attributes":{"n":{"N":"9.75"}}}`),
	update(`SET c = if_not_exists(c, :v) + :v`, `":v":{"N":"1"}`, `{"Attributes":{"c":{"N":"2"}}}`),
	update(`SET c = if_not_exists(c, :v) + :v`, `":v":{"N":"1"}`, `{"Attributes":{"c":{"N":"3"}}}`),
	update(`SET li = list_append(li, :v)`, `":v":{"L":[{"S":"end"}]}`, `{"Attributes":{"li":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"},{"S":"end"}]}}}`),
	update(`REMOVE li[1], li[2]`, ``, `{"Attributes":{"li":{"L":[{"N":"3"},{"S":"end"}]}}}`).unlike("removes one after the other, so that the second index means another element"),
	{"GetItem", `{"TableName":"things","Key":{"p":{"S":"a"},"r":{"N":"1"}},"ProjectionExpression":"li"}`, `{"Item":{"li":{"L":[{"N":"0"},{"N":"3"},{"S":"end"}]}}}`, "removed another element"},
	update(`SET li[1] = :v REMOVE li[0]`, `":v":{"S":"new"}`, `{"Attributes":{"li":{"L":[{"S":"new"},{"S":"end"}]}}}`),
	update(`SET li[9] = :b, li[7] = :a`, `":a":{"N":"7"},":b":{"N":"9"}`, `{}`).unlike("fills the gap with nulls"),
	{"GetItem", `{"TableName":"things","Key":{"p":{"S":"a"},"r":{"N":"1"}},"ProjectionExpression":"li[3], li[0], li[2]"}`, `{"Item":{"li":{"L":[{"S":"new"},{"N":"7"},{"N":"9"}]}}}`, "has filled the gap"},
	update(`SET m.d.e = :v, m.q = :v`, `":v":{"BOOL":false}`, `{"Attributes":{"m":{"M":{"d":{"M":{"e":{"BOOL":false}}},"q":{"BOOL":false}}}}}`),
	update(`REMOVE m.q, m.nope, nope`, ``, `{}`),
	update(`ADD ss :v, x :n`, `":v":{"SS":["y","w"]},":n":{"N":"-7.75"}`, `{"Attributes":{"ss":{"SS":["x","y","w"]},"x":{"N":"0"}}}`),
	update(`ADD fresh :v, count2 :n`, `":v":{"NS":["1"]},":n":{"N":"3"}`, `{"Attributes":{"fresh":{"NS":["1"]},"count2":{"N":"3"}}}`),
	update(`DELETE ss :v, fresh :n`, `":v":{"SS":["x","q"]},":n":{"NS":["1.0"]}`, `{"Attributes":{"ss":{"SS":["w","y"]}}}`).unlike("compares numbers by their text"),
	update(`set n = :v remove x add s2 :w delete ss :w`, `":v":{"NULL":true},":w":{"SS":["w"]}`, `{"Attributes":{"n":{"NULL":true},"s2":{"SS":["w"]},"ss":{"SS":["y"]}}}`),
	update(`SET n = :v`, `":v":{"N":"99999999999999999999999999999999999999"}`, `{"Attributes":{"n":{"N":"99999999999999999999999999999999999999"}}}`),
	update(`SET n = n + :v`, `":v":{"N":"1"}`, `{"Attributes":{"n":{"N":"100000000000000000000000000000000000000"}}}`),

	update(``, ``, badUpdate(`The expression can not be empty;`)),
	update(`SET n = s + :v`, `":v":{"N":"1"}`, refused(`An operand in the update expression has an incorrect data type`)),
	update(`SET n = n + :v`, `":v":{"N":"0.1"}`, refused(`Attempting to store more than 38 significant digits in a Number`)),
	update(`SET n = n + :v`, `":v":{"S":"1"}`, badUpdate(`Incorrect operand type for operator or function; operator or function: +, operand type: S`)),
	update(`SET n = nope`, ``, refused(`The provided expression refers to an attribute that does not exist in the item`)),
	update(`SET n = list_append(s, :v)`, `":v":{"L":[]}`, refused(`An operand in the update expression has an incorrect data type`)),
	update(`SET nope.a = :v`, `":v":{"N":"1"}`, refused(`The document path provided in the update expression is invalid for update`)),
	update(`REMOVE nope.a`, ``, refused(`The document path provided in the update expression is invalid for update`)).unlike("ignores it"),
	update(`SET s[0] = :v`, `":v":{"N":"1"}`, refused(`The document path provided in the update expression is invalid for update`)),
	update(`SET m[0] = :v`, `":v":{"N":"1"}`, refused(`The document path provided in the update expression is invalid for update`)),
	update(`ADD s :v`, `":v":{"N":"1"}`, refused(`An operand in the update expression has an incorrect data type`)),
	update(`ADD ss :v`, `":v":{"NS":["1"]}`, refused(`An operand in the update expression has an incorrect data type`)),
	update(`ADD n :v`, `":v":{"BOOL":true}`, badUpdate(`Incorrect operand type for operator or function; operator: ADD, operand type: BOOLEAN`)),
	update(`DELETE ss :v`, `":v":{"N":"1"}`, badUpdate(`Incorrect operand type for operator or function; operator: DELETE, operand type: NUMBER`)),
	update(`SET a1 = :v SET b1 = :v`, `":v":{"N":"1"}`, badUpdate(`The "SET" section can only be used once in an update expression;`)),
	update(`SET m.k = :v, m = :v`, `":v":{"N":"1"}`, badUpdate(`Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m, k], path two: [m]`)),
	update(`SET m.k = :v REMOVE m[1]`, `":v":{"N":"1"}`, badUpdate(`Two document paths conflict with each other; must remove or rewrite one of these paths; path one: [m, k], path two: [m, [1]]`)).unlike("allows it"),
	update(`SET n = :v + :v + :v`, `":v":{"N":"1"}`, badUpdate(`Syntax error; token: "+", near: ":v + :v"`)),
	update(`SET n = size(s)`, ``, badUpdate(`Invalid function name; function: size`)),
	update(`SET n = if_not_exists(:v, :v)`, `":v":{"N":"1"}`, badUpdate(`Operator or function requires a document path; operator or function: if_not_exists`)),
	update(`PUT n = :v`, `":v":{"N":"1"}`, badUpdate(`Syntax error; token: "PUT", near: "PUT n"`)),
	update(`SET p = :v`, `":v":{"S":"b"}`, refused(`One or more parameter values were invalid: Cannot update attribute p. This attribute is part of the key`)),
	update(`SET g = :v`, `":v":{"N":"1"}`, refused(`One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g`)),
	update(`SET g = :v`, `":v":{"S":""}`, refused(`One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: by-g, IndexKey: g`)),
	update(`SET g.a = :v`, `":v":{"S":"b"}`, refused(`Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: IndexKey: g`)),

	{"UpdateItem", `{"TableName":"things","Key":{"p":{"S":"new"},"r":{"N":"1"}},"ReturnValues":"ALL_NEW"}`, `{"Attributes":{"p":{"S":"new"},"r":{"N":"1"}}}`, ""},
	{"UpdateItem", `{"TableName":"things","Key":{"p":{"S":"new"},"r":{"N":"1"}},"UpdateExpression":"SET a = :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"ALL_OLD"}`, `{"Attributes":{"p":{"S":"new"},"r":{"N":"1"}}}`, ""},
	{"UpdateItem", `{"TableName":"things","Key":{"p":{"S":"new"},"r":{"N":"1"}},"UpdateExpression":"SET a = a + :v, b = :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"UPDATED_OLD"}`, `{"Attributes":{"a":{"N":"1"}}}`, ""},
	{"UpdateItem", `{"TableName":"things","Key":{"p":{"S":"new"},"r":{"N":"1"}},"UpdateExpression":"SET a = a + :v","ExpressionAttributeValues":{":v":{"N":"1"}},"ReturnValues":"NONE"}`, `{}`, ""},
	{"UpdateItem", `{"TableName":"things","Key":{"p":{"S":"new"},"r":{"N":"1"}},"ReturnValues":"SOME"}`, refused(`1 validation error detected: Value 'SOME' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]`), ""},
	{"UpdateItem", `{"TableName":"things","Key":{"p":{"S":"new"}}}`, refused(`The provided key element does not match the schema`), ""},
	{"UpdateItem", `{"TableName":"things","Key":{"p":{"S":"new"},"r":{"N":"1"}},"AttributeUpdates":{}}`, refused(`the local service does not implement the member "AttributeUpdates" of this operation`), "implements the legacy parameters"},
})

func TestUpdatesChangeItemsAsOnAWS(t *testing.T) {
	t.Parallel()
	run(t, updateSteps)
}

func put(item, want string) step {
	return step{"PutItem", `{"TableName":"things","Item":` + item + `}`, want, ""}
}

var itemSteps = withThing([]step{
	{"PutItem", `{"TableName":"things","Item":{"p":{"S":"a"},"r":{"N":"1.0"}},"ReturnValues":"ALL_OLD"}`, `{"Attributes":` + thing + `}`, ""},
	{"GetItem", `{"TableName":"things","Key":{"p":{"S":"a"},"r":{"N":"10e-1"}}}`, `{"Item":{"p":{"S":"a"},"r":{"N":"1"}}}`, ""},
	{"GetItem", `{"TableName":"things","Key":{"p":{"S":"a"},"r":{"N":"2"}}}`, `{}`, ""},
	put(`{"p":{"S":"a"},"r":{"N":"1"},"m":{"M":{"a":{"L":[{"M":{"b":{"N":"1"},"c":{"N":"2"}}},{"N":"3"}]}}}}`, `{}`),
	{"GetItem", `{"TableName":"things","Key":{"p":{"S":"a"},"r":{"N":"1"}},"ProjectionExpression":"m.a[0].c, nope, #m.a[1]","ExpressionAttributeNames":{"#m":"m"}}`, `{"Item":{"m":{"M":{"a":{"L":[{"M":{"c":{"N":"2"}}},{"N":"3"}]}}}}}`, ""},
	{"GetItem", `{"TableName":"things","Key":{"p":{"S":"a"},"r":{"N":"1"}},"ProjectionExpression":"nope"}`, `{"Item":{}}`, ""},
	{"GetItem", `{"TableName":"things","Key":{"p":{"S":"a"},"r":{"N":"1"}},"ProjectionExpression":"m, m.a"}`, refused(`Invalid ProjectionExpression: Two document paths overlap with each other; must remove or rewrite one of these paths; path one: [m], path two: [m, a]`), ""},
	{"GetItem", `{"TableName":"things","Key":{"p":{"S":"a"},"r":{"N":"1"}},"AttributesToGet":["m"]}`, refused(`the local service does not implement the member "AttributesToGet" of this operation`), "implements the legacy parameters"},
	{"PutItem", `{"TableName":"things","Item":{"p":{"S":"a"},"r":{"N":"1"}},"ConditionExpression":"attribute_not_exists(p)"}`, `ConditionalCheckFailedException: The conditional request failed`, ""},
	{"PutItem", `{"TableName":"things","Item":{"p":{"S":"b"},"r":{"N":"1"}},"ConditionExpression":"attribute_not_exists(p)"}`, `{}`, ""},
	{"DeleteItem", `{"TableName":"things","Key":{"p":{"S":"b"},"r":{"N":"1"}},"ConditionExpression":"p = :v","ExpressionAttributeValues":{":v":{"S":"x"}}}`, `ConditionalCheckFailedException: The conditional request failed`, ""},
	{"DeleteItem", `{"TableName":"things","Key":{"p":{"S":"b"},"r":{"N":"1"}},"ReturnValues":"ALL_OLD"}`, `{"Attributes":{"p":{"S":"b"},"r":{"N":"1"}}}`, ""},
	{"DeleteItem", `{"TableName":"things","Key":{"p":{"S":"b"},"r":{"N":"1"}},"ReturnValues":"ALL_OLD"}`, `{}`, ""},
	{"DeleteItem", `{"TableName":"things","Key":{"p":{"S":"b"},"r":{"N":"1"}},"ReturnValues":"ALL_NEW"}`, refused(`1 validation error detected: Value 'ALL_NEW' at 'returnValues' failed to satisfy constraint: Member must satisfy enum value set: [ALL_OLD, NONE]`), ""},

	put(`{"p":{"S":"a"}}`, refused(`One or more parameter values were invalid: Missing the key r in the item`)),
	put(`{"p":{"S":"a"},"r":{"S":"1"}}`, refused(`One or more parameter values were invalid: Type mismatch for key r expected: N actual: S`)),
	put(`{"p":{"S":""},"r":{"N":"1"}}`, refused(`One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: p`)),
	put(`{"p":{"S":"`+strings.Repeat("k", 2049)+`"},"r":{"N":"1"}}`, refused(`One or more parameter values were invalid: Size of hashkey has exceeded the maximum size limit of2048 bytes`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"g":{"N":"1"}}`, refused(`One or more parameter values were invalid: Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"g":{"S":""}}`, refused(`One or more parameter values are not valid. A value specified for a secondary index key is not supported. The AttributeValue for a key attribute cannot contain an empty string value. IndexName: by-g, IndexKey: g`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"s":{"S":"`+strings.Repeat("x", 400<<10)+`"}}`, refused(`Item size has exceeded the maximum allowed size`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{}}`, refused(`Supplied AttributeValue is empty, must contain exactly one of the supported datatypes`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{"S":"a","N":"1"}}`, refused(`Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{"SS":[]}}`, refused(`One or more parameter values were invalid: An string set  may not be empty`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{"SS":["a","a"]}}`, refused(`One or more parameter values were invalid: Input collection [a, a] contains duplicates.`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{"NS":["1","1.0"]}}`, refused(`Input collection contains duplicates`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{"NULL":false}}`, refused(`One or more parameter values were invalid: Null attribute value types must have the value of true`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{"N":"ten"}}`, refused(`The parameter cannot be converted to a numeric value: ten`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{"N":""}}`, refused(`The parameter cannot be converted to a numeric value`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{"N":"1e126"}}`, refused(`Number overflow. Attempting to store a number with magnitude larger than supported range`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{"N":"1e-131"}}`, refused(`Number underflow. Attempting to store a number with magnitude smaller than supported range`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{"N":"0.123456789012345678901234567890123456789"}}`, refused(`Attempting to store more than 38 significant digits in a Number`)),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":{"N":"-1e-130"},"s":{"S":""},"b":{"B":""},"l":{"S":"x"},"m":{"M":{}},"li":{"L":[]}}`, `{}`),
	put(`{"p":{"S":"a"},"r":{"N":"1"},"v":`+strings.Repeat(`{"L":[`, 33)+`{"N":"1"}`+strings.Repeat(`]}`, 33)+`}`, refused(`Nesting Levels have exceeded supported limits`)),
	{"PutItem", `{"TableName":"nothing","Item":{"p":{"S":"a"}}}`, `ResourceNotFoundException: Requested resource not found`, ""},
	{"PutItem", `{"TableName":"things"}`, refused(`1 validation error detected: Value null at 'item' failed to satisfy constraint: Member must not be null`), ""},
	{"PutItem", `{"Item":{}}`, refused(`1 validation error detected: Value null at 'tableName' failed to satisfy constraint: Member must not be null`), ""},
	{"TransactWriteItems", `{}`, `UnknownOperationException: the local DynamoDB does not implement TransactWriteItems`, "implements transactions"},

	{"BatchWriteItem", `{"RequestItems":{"things":[{"PutRequest":{"Item":{"p":{"S":"w"},"r":{"N":"1"}}}},{"PutRequest":{"Item":{"p":{"S":"w"},"r":{"N":"2"}}}},{"DeleteRequest":{"Key":{"p":{"S":"a"},"r":{"N":"1"}}}}]}}`, `{"UnprocessedItems":{}}`, ""},
	{"BatchGetItem", `{"RequestItems":{"things":{"Keys":[{"p":{"S":"w"},"r":{"N":"2"}},{"p":{"S":"a"},"r":{"N":"1"}}],"ProjectionExpression":"r"}}}`, `{"Responses":{"things":[{"r":{"N":"2"}}]},"UnprocessedKeys":{}}`, ""},
	{"BatchGetItem", `{"RequestItems":{"things":{"Keys":[{"p":{"S":"w"},"r":{"N":"2"}},{"p":{"S":"w"},"r":{"N":"2.0"}}]}}}`, refused(`Provided list of item keys contains duplicates`), "compares numbers by their text"},
	{"BatchGetItem", `{"RequestItems":{"nothing":{"Keys":[{"p":{"S":"w"}}]}}}`, `ResourceNotFoundException: Requested resource not found`, ""},
	{"BatchWriteItem", `{"RequestItems":{"things":[{"PutRequest":{"Item":{"p":{"S":"w"},"r":{"N":"3"}}}},{"DeleteRequest":{"Key":{"p":{"S":"w"},"r":{"N":"3"}}}}]}}`, refused(`Provided list of item keys contains duplicates`), ""},
	{"BatchWriteItem", `{"RequestItems":{"things":[{"PutRequest":{"Item":{"p":{"S":"w"},"r":{"N":"4"}}}},{"PutRequest":{"Item":{"p":{"S":"w"}}}}]}}`, refused(`One or more parameter values were invalid: Missing the key r in the item`), ""},
	{"GetItem", `{"TableName":"things","Key":{"p":{"S":"w"},"r":{"N":"4"}}}`, `{}`, ""},
})

func TestItemsAreCheckedAndReturnedAsOnAWS(t *testing.T) {
	t.Parallel()
	run(t, itemSteps)
}

func query(condition, values, rest, want string) step {
	body := `{"TableName":"things","KeyConditionExpression":` + quote(condition) + `,"ExpressionAttributeValues":{` + values + `}`
	if rest != "" {
		body += "," + rest
	}
	return step{"Query", body + `}`, want, ""}
}

// keys is the answer of a query for items of p = q with these r; it looks at r alone.
func keys(rest string, rs ...string) string {
	items := make([]string, len(rs))
	for i, r := range rs {
		items[i] = `{"r":{"N":"` + r + `"}}`
	}
	count := string(mustMarshal(len(rs)))
	return `{"Items":[` + strings.Join(items, ",") + `],"Count":` + count + `,"ScannedCount":` + count + rest + `}`
}

const onlyR = `"ProjectionExpression":"r"`

var querySteps = append(withThing([]step{
	put(`{"p":{"S":"q"},"r":{"N":"-10"},"g":{"S":"G"},"x":{"N":"1"},"l":{"S":"c"}}`, `{}`),
	put(`{"p":{"S":"q"},"r":{"N":"-9.5"},"g":{"S":"G"},"x":{"N":"2"},"l":{"S":"b"}}`, `{}`),
	put(`{"p":{"S":"q"},"r":{"N":"0"},"g":{"S":"H"},"x":{"N":"3"},"y":{"N":"1"}}`, `{}`),
	put(`{"p":{"S":"q"},"r":{"N":"2"},"x":{"N":"4"},"l":{"S":"a"}}`, `{}`),
	put(`{"p":{"S":"q"},"r":{"N":"10"},"g":{"S":"G"},"x":{"N":"5"},"l":{"S":"ab"}}`, `{}`),
}), []step{
	query(`p = :p`, `":p":{"S":"q"}`, onlyR, keys("", "-10", "-9.5", "0", "2", "10")),
	query(`p = :p`, `":p":{"S":"q"}`, onlyR+`,"ScanIndexForward":false`, keys("", "10", "2", "0", "-9.5", "-10")),
	query(`p = :p AND r = :r`, `":p":{"S":"q"},":r":{"N":"2"}`, onlyR, keys("", "2")),
	query(`p = :p AND r < :r`, `":p":{"S":"q"},":r":{"N":"0"}`, onlyR, keys("", "-10", "-9.5")),
	query(`p = :p AND r <= :r`, `":p":{"S":"q"},":r":{"N":"0"}`, onlyR, keys("", "-10", "-9.5", "0")),
	query(`r > :r AND p = :p`, `":p":{"S":"q"},":r":{"N":"0"}`, onlyR, keys("", "2", "10")),
	query(`p = :p AND :r <= r`, `":p":{"S":"q"},":r":{"N":"0"}`, onlyR, keys("", "0", "2", "10")),
	query(`(p = :p) AND (r BETWEEN :a AND :b)`, `":p":{"S":"q"},":a":{"N":"-9.5"},":b":{"N":"2"}`, onlyR, keys("", "-9.5", "0", "2")),
	query(`p = :p`, `":p":{"S":"q"}`, onlyR+`,"Limit":2`, keys(`,"LastEvaluatedKey":{"p":{"S":"q"},"r":{"N":"-9.5"}}`, "-10", "-9.5")),
	query(`p = :p`, `":p":{"S":"q"}`, onlyR+`,"Limit":2,"ExclusiveStartKey":{"p":{"S":"q"},"r":{"N":"-9.5"}}`, keys(`,"LastEvaluatedKey":{"p":{"S":"q"},"r":{"N":"2"}}`, "0", "2")),
	query(`p = :p`, `":p":{"S":"q"}`, onlyR+`,"Limit":2,"ExclusiveStartKey":{"p":{"S":"q"},"r":{"N":"1"}},"ScanIndexForward":false`, keys(`,"LastEvaluatedKey":{"p":{"S":"q"},"r":{"N":"-9.5"}}`, "0", "-9.5")),
	query(`p = :p`, `":p":{"S":"q"}`, onlyR+`,"ExclusiveStartKey":{"p":{"S":"q"},"r":{"N":"10"}}`, keys("")),
	query(`p = :p`, `":p":{"S":"q"}`, `"Limit":5,"Select":"COUNT"`, `{"Count":5,"ScannedCount":5,"LastEvaluatedKey":{"p":{"S":"q"},"r":{"N":"10"}}}`),
	query(`p = :p`, `":p":{"S":"q"},":x":{"N":"3"}`, `"FilterExpression":"x >= :x","Select":"COUNT"`, `{"Count":3,"ScannedCount":5}`),
	query(`p = :p`, `":p":{"S":"q"},":x":{"N":"3"}`, `"FilterExpression":"x >= :x","Limit":3,"Select":"COUNT"`, `{"Count":1,"ScannedCount":3,"LastEvaluatedKey":{"p":{"S":"q"},"r":{"N":"0"}}}`),
	query(`p = :p`, `":p":{"S":"none"}`, "", `{"Items":[],"Count":0,"ScannedCount":0}`),

	query(`g = :g`, `":g":{"S":"H"}`, `"IndexName":"by-g"`, `{"Items":[{"p":{"S":"q"},"r":{"N":"0"},"g":{"S":"H"},"x":{"N":"3"}}],"Count":1,"ScannedCount":1}`),
	query(`g = :g AND r > :r`, `":g":{"S":"G"},":r":{"N":"-9.7"}`, `"IndexName":"by-g",`+onlyR, keys("", "-9.5", "1", "10")),
	query(`g = :g`, `":g":{"S":"G"}`, `"IndexName":"by-g","Limit":1,`+onlyR, keys(`,"LastEvaluatedKey":{"p":{"S":"q"},"r":{"N":"-10"},"g":{"S":"G"}}`, "-10")),
	query(`g = :g`, `":g":{"S":"G"}`, `"IndexName":"by-g","ExclusiveStartKey":{"p":{"S":"q"},"r":{"N":"-9.5"},"g":{"S":"G"}},`+onlyR, keys("", "1", "10")),
	query(`p = :p`, `":p":{"S":"q"}`, `"IndexName":"by-l",`+onlyR, keys("", "2", "10", "-9.5", "-10")),
	query(`p = :p AND begins_with(l, :l)`, `":p":{"S":"q"},":l":{"S":"a"}`, `"IndexName":"by-l"`, `{"Items":[{"p":{"S":"q"},"r":{"N":"2"},"l":{"S":"a"}},{"p":{"S":"q"},"r":{"N":"10"},"l":{"S":"ab"}}],"Count":2,"ScannedCount":2}`),
	query(`p = :p AND l = :l`, `":p":{"S":"q"},":l":{"S":"a"}`, `"IndexName":"by-l","Select":"ALL_ATTRIBUTES","ConsistentRead":true`, `{"Items":[{"p":{"S":"q"},"r":{"N":"2"},"x":{"N":"4"},"l":{"S":"a"}}],"Count":1,"ScannedCount":1}`),
	{"DeleteItem", `{"TableName":"things","Key":{"p":{"S":"q"},"r":{"N":"0"}}}`, `{}`, ""},
	query(`g = :g`, `":g":{"S":"H"}`, `"IndexName":"by-g"`, `{"Items":[],"Count":0,"ScannedCount":0}`),
	{"UpdateItem", `{"TableName":"things","Key":{"p":{"S":"q"},"r":{"N":"2"}},"UpdateExpression":"SET g = :g REMOVE l","ExpressionAttributeValues":{":g":{"S":"H"}}}`, `{}`, ""},
	query(`g = :g`, `":g":{"S":"H"}`, `"IndexName":"by-g",`+onlyR, keys("", "2")),
	query(`p = :p`, `":p":{"S":"q"}`, `"IndexName":"by-l",`+onlyR, keys("", "10", "-9.5", "-10")),
	{"Scan", `{"TableName":"things","IndexName":"by-g","Select":"COUNT"}`, `{"Count":5,"ScannedCount":5}`, ""},
	{"Scan", `{"TableName":"things","Select":"COUNT","Segment":0,"TotalSegments":1}`, `{"Count":5,"ScannedCount":5}`, ""},

	query(`p > :p`, `":p":{"S":"q"}`, "", refused(`Query key condition not supported`)),
	query(`r = :r`, `":r":{"N":"1"}`, "", refused(`Query condition missed key schema element: p`)),
	query(`p = :p AND x = :p`, `":p":{"S":"q"}`, "", refused(`Query condition missed key schema element: r`)),
	query(`p = :p OR r = :p`, `":p":{"S":"q"}`, "", refused(`Invalid operator used in KeyConditionExpression: OR`)),
	query(`p = :p AND NOT r = :p`, `":p":{"S":"q"}`, "", refused(`Invalid operator used in KeyConditionExpression: NOT`)),
	query(`p = :p AND r <> :r`, `":p":{"S":"q"},":r":{"N":"1"}`, "", refused(`Invalid operator used in KeyConditionExpression: <>`)),
	query(`p = :p AND r IN (:r)`, `":p":{"S":"q"},":r":{"N":"1"}`, "", refused(`Invalid operator used in KeyConditionExpression: IN`)),
	query(`p = :p AND contains(l, :p)`, `":p":{"S":"q"}`, "", refused(`Invalid operator used in KeyConditionExpression: contains`)),
	query(`p = :p AND r > :r AND r < :r`, `":p":{"S":"q"},":r":{"N":"1"}`, "", refused(`KeyConditionExpressions must only contain one condition per key`)),
	query(`p = :p AND size(r) > :r`, `":p":{"S":"q"},":r":{"N":"1"}`, "", refused(`Invalid condition in KeyConditionExpression: No key attribute specified`)),
	query(`p.a = :p`, `":p":{"S":"q"}`, "", refused(`KeyConditionExpressions cannot have conditions on nested attributes`)),
	query(`p = :p AND r = :r`, `":p":{"S":"q"},":r":{"S":"1"}`, "", refused(`One or more parameter values were invalid: Condition parameter type does not match schema type`)).unlike("finds nothing"),
	query(`p = :p`, `":p":{"S":""}`, "", refused(`One or more parameter values are not valid. The AttributeValue for a key attribute cannot contain an empty string value. Key: p`)).unlike("finds nothing"),
	query(`p = :p`, `":p":{"S":"q"},":r":{"N":"1"}`, `"FilterExpression":"r = :r"`, refused(`Filter Expression can only contain non-primary key attributes: Primary key attribute: r`)),
	query(`p = :p`, `":p":{"S":"q"}`, `"IndexName":"nope"`, refused(`The table does not have the specified index: nope`)),
	query(`g = :g`, `":g":{"S":"G"}`, `"IndexName":"by-g","ConsistentRead":true`, refused(`Consistent reads are not supported on global secondary indexes`)),
	query(`g = :g`, `":g":{"S":"G"}`, `"IndexName":"by-g","Select":"ALL_ATTRIBUTES"`, refused(`One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index by-g because its projection type is not ALL`)),
	query(`g = :g`, `":g":{"S":"G"}`, `"IndexName":"by-g","ProjectionExpression":"y"`, refused(`One or more parameter values were invalid: Global secondary index by-g does not project [y]`)).unlike("answers with empty items"),
	query(`p = :p`, `":p":{"S":"q"}`, `"ExclusiveStartKey":{"p":{"S":"q"}}`, refused(`The provided starting key is invalid: The provided key element does not match the schema`)),
	query(`p = :p`, `":p":{"S":"q"}`, `"ExclusiveStartKey":{"p":{"S":"z"},"r":{"N":"1"}}`, refused(`The provided starting key is outside query boundaries based on provided conditions`)).unlike("goes on from there"),
	query(`p = :p`, `":p":{"S":"q"}`, `"Limit":0`, refused(`1 validation error detected: Value '0' at 'limit' failed to satisfy constraint: Member must have value greater than or equal to 1`)),
	query(`p = :p`, `":p":{"S":"q"}`, `"Select":"COUNT",`+onlyR, refused(`Cannot specify the ProjectionExpression when choosing to get only the Count`)),
	query(`p = :p`, `":p":{"S":"q"}`, `"Select":"SPECIFIC_ATTRIBUTES"`, refused(`Must specify the AttributesToGet or ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES`)),
	{"Query", `{"TableName":"things"}`, refused(`Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.`), ""},
	{"Query", `{"TableName":"things","KeyConditions":{}}`, refused(`the local service does not implement the member "KeyConditions" of this operation`), ""},
	{"Scan", `{"TableName":"things","Segment":1,"TotalSegments":1}`, refused(`The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: 1 is not less than TotalSegments: 1`), ""},
	{"Scan", `{"TableName":"things","TotalSegments":1}`, refused(`The Segment parameter is required but was not present in the request when parameter TotalSegments is present`), ""},
}...)

func TestQueriesFindItemsAsOnAWS(t *testing.T) {
	t.Parallel()
	run(t, querySteps)
}
