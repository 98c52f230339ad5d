package expression_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"delfos/infra/local/awsjson"
	"delfos/infra/local/dynamodb/attribute"
	"delfos/infra/local/dynamodb/expression"
)

// The conformance tests of package dynamodb say what expressions mean. The tests
// here are for what holds of every expression.

func decode(t testing.TB, text string) attribute.Map {
	t.Helper()
	var decoded attribute.Map
	if err := json.Unmarshal([]byte(text), &decoded); err != nil {
		t.Fatal(err)
	}
	return decoded
}

const (
	item         = `{"a":{"N":"1"},"b":{"S":"text"},"l":{"L":[{"N":"0"},{"M":{"c":{"S":"x"}}},{"L":[]}]},"m":{"M":{"d":{"BOOL":true},"e":{"NULL":true}}},"s":{"SS":["x","y"]}}`
	placeholders = `{":n":{"N":"2"},":s":{"S":"t"},":l":{"L":[{"N":"9"}]},":ss":{"SS":["y","z"]},":ns":{"NS":["1"]}}`
)

func newScope(t testing.TB) *expression.Scope {
	t.Helper()
	scope, err := expression.NewScope(map[string]string{"#a": "a", "#x": "a.b"}, decode(t, placeholders))
	if err != nil {
		t.Fatal(err)
	}
	return scope
}

// checkError fails for an error that is not a ValidationException.
func checkError(t testing.TB, source string, err error) {
	t.Helper()
	var known *awsjson.Error
	if !errors.As(err, &known) || known.Type != "ValidationException" || known.Message == "" {
		t.Errorf("%q gives %v, want a ValidationException", source, err)
	}
}

var sources = []string{
	"a = :n", "NOT (a <> :n OR #a < :n) AND attribute_exists(m.d)", "a BETWEEN :n AND :n", "b IN (:s, :n)",
	"begins_with(b, :s) AND contains(s, :s) AND size(l) > :n", "attribute_type(l[1].c, :s)", "((a = :n))", "(a) = (:n)",
	"SET a = a + :n, l[9] = :s REMOVE m.d, l[0] ADD s :ss DELETE s :ss", "SET b = if_not_exists(m.q, list_append(l, :l))",
	"REMOVE l[1].c, l[0], #x", "a, b, l[1].c, l[0], m", "l[", "a.", "#", ":", "SET", "a =", "))((", "set a = (a + :n) - :n",
	"ADD q :n", "DELETE l[0] :ss", "a = :n AND b = :s", "begins_with(b, :s)", "a[99999999999999999999] = :n",
}

func FuzzExpressionsNeverPanicAndLeaveTheItemAlone(f *testing.F) {
	for _, source := range sources {
		f.Add(source)
	}
	f.Fuzz(func(t *testing.T, source string) {
		scope, before := newScope(t), decode(t, item)
		if condition, err := scope.Condition("ConditionExpression", source); err != nil {
			checkError(t, source, err)
		} else {
			condition.Holds(before)
			condition.Holds(nil)
		}
		if _, err := scope.KeyConditions(source); err != nil {
			checkError(t, source, err)
		}
		if projection, err := scope.Projection(source); err != nil {
			checkError(t, source, err)
		} else {
			projection.Apply(before)
		}
		if update, err := scope.Update(source); err != nil {
			checkError(t, source, err)
		} else if updated, err := update.Apply(before); err != nil {
			checkError(t, source, err)
		} else {
			update.Paths().Apply(updated)
		}
		if !attribute.Equal(before, decode(t, item)) {
			t.Errorf("%q changed the item that it was applied to", source)
		}
	})
}

func TestAProjectionOfAllAttributesIsTheItem(t *testing.T) {
	t.Parallel()
	projection, err := newScope(t).Projection("a, b, l[0], l[1].c, l[2], m.d, m.e, s")
	if err != nil {
		t.Fatal(err)
	}
	if got := projection.Apply(decode(t, item)); !attribute.Equal(got, decode(t, item)) {
		t.Errorf("got %v", got)
	}
}

func TestANegatedConditionHoldsWhereItDoesNot(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		operand := rapid.SampledFrom([]string{"a", "b", "l[0]", "m.d", "nope", ":n", ":s", "size(l)"})
		left, right := operand.Draw(t, "left"), operand.Draw(t, "right")
		condition := left + rapid.SampledFrom([]string{" = ", " <> ", " < ", " >= "}).Draw(t, "comparator") + right
		var attributes attribute.Map
		if err := json.Unmarshal([]byte(item), &attributes); err != nil {
			t.Fatal(err)
		}
		var values attribute.Map
		if err := json.Unmarshal([]byte(placeholders), &values); err != nil {
			t.Fatal(err)
		}
		holds := func(source string) (bool, error) {
			scope, err := expression.NewScope(nil, values)
			if err != nil {
				return false, err
			}
			parsed, err := scope.Condition("FilterExpression", source)
			if err != nil {
				return false, err
			}
			return parsed.Holds(attributes), nil
		}
		plain, err := holds(condition)
		if err != nil {
			t.Skip("the operands are one path")
		}
		for source, want := range map[string]bool{
			"NOT " + condition: !plain, "NOT (" + condition + ")": !plain, "(" + condition + ")": plain,
			condition + " AND attribute_exists(nope)": false, condition + " OR attribute_exists(a)": true,
		} {
			if got, err := holds(source); err != nil || got != want {
				t.Fatalf("%s is %t (%v), want %t", source, got, err, want)
			}
		}
	})
}

func TestTheReservedWordsAreRefusedInAnyCase(t *testing.T) {
	t.Parallel()
	for _, word := range []string{"status", "Name", "YEAR", "zone"} {
		_, err := newScope(t).Projection(word)
		if err == nil || !strings.Contains(err.Error(), "reserved keyword: "+word) {
			t.Errorf("%s: got %v, want that it is reserved", word, err)
		}
	}
}

func TestALongExpressionIsRefused(t *testing.T) {
	t.Parallel()
	_, err := newScope(t).Condition("FilterExpression", strings.Repeat("(", 4097))
	if err == nil || !strings.Contains(err.Error(), "Expression size has exceeded the maximum allowed size") {
		t.Errorf("got %v", err)
	}
}
