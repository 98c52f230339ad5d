package dynamodb_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/google/go-cmp/cmp"

	"delfos/infra/local/dynamodb"
)

// attributes are an item as the SDK has it.
type attributes = map[string]types.AttributeValue

func text(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }
func number(value int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: fmt.Sprint(value)}
}

// createPartitions creates a table of hash and sort key with an index by state.
func createPartitions(t testing.TB, c *sdk.Client) {
	t.Helper()
	_, err := c.CreateTable(t.Context(), &sdk.CreateTableInput{
		TableName:   aws.String("partitions"),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("asset"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("day"), AttributeType: types.ScalarAttributeTypeN},
			{AttributeName: aws.String("state"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("asset"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("day"), KeyType: types.KeyTypeRange},
		},
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("by-state"),
			KeySchema: []types.KeySchemaElement{
				{AttributeName: aws.String("state"), KeyType: types.KeyTypeHash},
				{AttributeName: aws.String("day"), KeyType: types.KeyTypeRange},
			},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeKeysOnly},
		}},
		SSESpecification: &types.SSESpecification{Enabled: aws.Bool(true)},
		Tags:             []types.Tag{{Key: aws.String("project"), Value: aws.String("delfos")}},
		TableClass:       types.TableClassStandard,
	})
	if err != nil {
		t.Fatal(err)
	}
}

func putPartition(t testing.TB, c *sdk.Client, asset string, day int, more attributes) {
	t.Helper()
	item := attributes{"asset": text(asset), "day": number(day)}
	maps.Copy(item, more)
	if _, err := c.PutItem(t.Context(), &sdk.PutItemInput{TableName: aws.String("partitions"), Item: item}); err != nil {
		t.Fatal(err)
	}
}

func TestATableLivesFromCreationToDeletion(t *testing.T) {
	t.Parallel()
	c := client(serve(t, open(t, dynamodb.Options{Region: "eu-west-1", AccountID: "123456789012", Now: func() time.Time { return time.Unix(1_770_000_000, 0) }})))
	name := aws.String("partitions")
	createPartitions(t, c)
	if err := sdk.NewTableExistsWaiter(c).Wait(t.Context(), &sdk.DescribeTableInput{TableName: name}, time.Second); err != nil {
		t.Fatal(err)
	}
	putPartition(t, c, "wtg-1", 1, attributes{"state": text("queued")})
	described, err := c.DescribeTable(t.Context(), &sdk.DescribeTableInput{TableName: aws.String("arn:aws:dynamodb:eu-west-1:123456789012:table/partitions")})
	if err != nil {
		t.Fatal(err)
	}
	table := described.Table
	got := []any{*table.TableArn, table.TableStatus, *table.ItemCount, *table.TableSizeBytes, table.CreationDateTime.Unix(), table.BillingModeSummary.BillingMode, *table.GlobalSecondaryIndexes[0].IndexArn, *table.GlobalSecondaryIndexes[0].ItemCount}
	want := []any{"arn:aws:dynamodb:eu-west-1:123456789012:table/partitions", types.TableStatusActive, int64(1), int64(26), int64(1_770_000_000), types.BillingModePayPerRequest, "arn:aws:dynamodb:eu-west-1:123456789012:table/partitions/index/by-state", int64(1)}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	_, err = c.CreateTable(t.Context(), &sdk.CreateTableInput{
		TableName: name, BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: table.AttributeDefinitions[:1], KeySchema: table.KeySchema[:1],
	})
	if inUse := new(types.ResourceInUseException); !errors.As(err, &inUse) {
		t.Errorf("creating it again gives %v, want a ResourceInUseException", err)
	}
	if _, err := c.DeleteTable(t.Context(), &sdk.DeleteTableInput{TableName: name}); err != nil {
		t.Fatal(err)
	}
	if err := sdk.NewTableNotExistsWaiter(c).Wait(t.Context(), &sdk.DescribeTableInput{TableName: name}, time.Second); err != nil {
		t.Fatal(err)
	}
	_, err = c.GetItem(t.Context(), &sdk.GetItemInput{TableName: name, Key: attributes{"asset": text("wtg-1"), "day": number(1)}})
	if missing := new(types.ResourceNotFoundException); !errors.As(err, &missing) {
		t.Errorf("reading it gives %v, want a ResourceNotFoundException", err)
	}
}

func TestAProtectedTableIsNotDeleted(t *testing.T) {
	t.Parallel()
	server := open(t, dynamodb.Options{})
	do(t, server, "CreateTable", strings.Replace(createRuns, `{`, `{"DeletionProtectionEnabled":true,`, 1))
	if _, err := server.Call(t.Context(), "DeleteTable", []byte(`{"TableName":"Runs"}`)); err == nil || !strings.Contains(err.Error(), "protected against deletion") {
		t.Errorf("got %v, want a refusal", err)
	}
}

func TestCreateTableRefusesADefinitionThatDoesNotFit(t *testing.T) {
	t.Parallel()
	server := open(t, dynamodb.Options{})
	for _, c := range []struct{ name, from, to, want string }{
		{"short name", `"Runs"`, `"ru"`, "TableName must be at least 3 characters long"},
		{"wrong name", `"Runs"`, `"my runs"`, "Member must satisfy regular expression pattern"},
		{"no throughput", `"PAY_PER_REQUEST"`, `"PROVISIONED"`, "ReadCapacityUnits and WriteCapacityUnits must both be specified"},
		{"unknown billing", `"PAY_PER_REQUEST"`, `"FREE"`, "'billingMode' failed to satisfy constraint"},
		{"undefined key", `{"AttributeName":"id","KeyType"`, `{"AttributeName":"di","KeyType"`, "Some index key attributes are not defined"},
		{"unused definition", `"by-day","KeySchema":[{"AttributeName":"day"`, `"by-day","KeySchema":[{"AttributeName":"id"`, "Some AttributeDefinitions are not used"},
		{"no hash key", `"id","KeyType":"HASH"`, `"id","KeyType":"RANGE"`, "The first KeySchemaElement is not a HASH key type"},
		{"wrong type", `"day","AttributeType":"S"`, `"day","AttributeType":"BOOL"`, "Member must satisfy enum value set: [B, N, S]"},
		{"no projection", `{"ProjectionType":"ALL"}`, `{}`, "Unknown ProjectionType"},
		{"attributes of ALL", `{"ProjectionType":"ALL"}`, `{"ProjectionType":"ALL","NonKeyAttributes":["a"]}`, "but NonKeyAttributes is specified"},
		{"local index without sort key", `"GlobalSecondaryIndexes"`, `"LocalSecondaryIndexes"`, "Table KeySchema does not have a range key"},
		{"streams", `{"TableName"`, `{"StreamSpecification":{"StreamEnabled":true},"TableName"`, "does not implement streams"},
		{"unknown member", `{"TableName"`, `{"ResourcePolicy":"{}","TableName"`, `does not implement the member "ResourcePolicy"`},
	} {
		body := strings.Replace(createRuns, c.from, c.to, 1)
		_, err := server.Call(t.Context(), "CreateTable", []byte(body))
		if err == nil || !strings.HasPrefix(err.Error(), "ValidationException: ") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want a ValidationException: …%s…", c.name, err, c.want)
		}
	}
	if got := do(t, server, "ListTables", `{}`); len(got["TableNames"].([]any)) != 0 {
		t.Errorf("a refused table was created: %v", got)
	}
}

func TestListTablesPages(t *testing.T) {
	t.Parallel()
	server := open(t, dynamodb.Options{})
	var want []string
	for i := range 7 {
		name := fmt.Sprintf("table-%d", i)
		do(t, server, "CreateTable", strings.Replace(createRuns, "Runs", name, 1))
		want = append(want, name)
	}
	pages := sdk.NewListTablesPaginator(client(serve(t, server)), &sdk.ListTablesInput{Limit: aws.Int32(3)})
	var got []string
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, page.TableNames...)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// claim is the conditional update by which a run takes a partition.
func claim(ctx context.Context, c *sdk.Client, owner string) error {
	_, err := c.UpdateItem(ctx, &sdk.UpdateItemInput{
		TableName:                           aws.String("partitions"),
		Key:                                 attributes{"asset": text("wtg-1"), "day": number(1)},
		UpdateExpression:                    aws.String("SET #owner = :owner ADD generation :one"),
		ConditionExpression:                 aws.String("attribute_not_exists(#owner)"),
		ExpressionAttributeNames:            map[string]string{"#owner": "owner"},
		ExpressionAttributeValues:           attributes{":owner": text(owner), ":one": number(1)},
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	})
	return err
}

func TestOfFiftyClaimsAtOnceOneWinsAndTheOthersSeeIt(t *testing.T) {
	t.Parallel()
	c := client(serve(t, open(t, dynamodb.Options{Dir: t.TempDir()})))
	createPartitions(t, c)
	var winner atomic.Value
	var losers sync.Map
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Go(func() {
			owner := fmt.Sprint("run-", i)
			err := claim(t.Context(), c, owner)
			failed := new(types.ConditionalCheckFailedException)
			switch {
			case err == nil:
				if !winner.CompareAndSwap(nil, owner) {
					t.Errorf("%s and %v both won", owner, winner.Load())
				}
			case errors.As(err, &failed):
				seen, _ := failed.Item["owner"].(*types.AttributeValueMemberS)
				losers.Store(owner, seen.Value)
			default:
				t.Error(err)
			}
		})
	}
	wait.Wait()
	count := 0
	losers.Range(func(owner, seen any) bool {
		count++
		if seen != winner.Load() {
			t.Errorf("%v saw the owner %v, want %v", owner, seen, winner.Load())
		}
		return true
	})
	if count != 49 {
		t.Errorf("%d claims lost, want 49", count)
	}
}

func TestConcurrentTablesAndItemsDoNotDisturbEachOther(t *testing.T) {
	t.Parallel()
	server := open(t, dynamodb.Options{Dir: t.TempDir()})
	var wait sync.WaitGroup
	for i := range 20 {
		wait.Go(func() {
			name := fmt.Sprintf("table-%d", i%5)
			ctx := t.Context()
			_, _ = server.Call(ctx, "CreateTable", []byte(strings.Replace(createRuns, "Runs", name, 1))) // another may be first
			for k := range 20 {
				_, err := server.Call(ctx, "UpdateItem", fmt.Appendf(nil, `{"TableName":%q,"Key":{"id":{"S":"%d"}},"UpdateExpression":"ADD n :n","ExpressionAttributeValues":{":n":{"N":"1"}}}`, name, k))
				if err != nil {
					t.Error(err)
				}
				for _, read := range []string{"Scan", "DescribeTable", "DescribeTimeToLive"} {
					if _, err := server.Call(ctx, read, fmt.Appendf(nil, `{"TableName":%q}`, name)); err != nil {
						t.Error(err)
					}
				}
			}
		})
	}
	wait.Wait()
	for i := range 5 {
		for _, item := range do(t, server, "Scan", fmt.Sprintf(`{"TableName":"table-%d"}`, i))["Items"].([]any) {
			if diff := cmp.Diff(document{"N": "4"}, item.(document)["n"]); diff != "" {
				t.Errorf("table-%d: %s", i, diff)
			}
		}
	}
}

func TestQueryAndScanPagesHoldAMegabyte(t *testing.T) {
	t.Parallel()
	c := client(serve(t, open(t, dynamodb.Options{})))
	createPartitions(t, c)
	const items = 30
	for day := range items {
		putPartition(t, c, "wtg-1", day, attributes{"text": text(strings.Repeat("x", 100_000))})
	}
	query := sdk.NewQueryPaginator(c, &sdk.QueryInput{
		TableName: aws.String("partitions"), KeyConditionExpression: aws.String("asset = :a"),
		ExpressionAttributeValues: attributes{":a": text("wtg-1")},
	})
	var counts []int32
	for query.HasMorePages() {
		page, err := query.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		counts = append(counts, page.Count)
	}
	if diff := cmp.Diff([]int32{11, 11, 8}, counts); diff != "" {
		t.Error(diff)
	}
}

func TestTheSegmentsOfAScanHoldEveryItemOnce(t *testing.T) {
	t.Parallel()
	c := client(serve(t, open(t, dynamodb.Options{})))
	createPartitions(t, c)
	const assets, segments = 200, 7
	for i := range assets {
		putPartition(t, c, fmt.Sprint("wtg-", i), 1, attributes{"state": text(fmt.Sprint(i % 3))})
	}
	for _, index := range []*string{nil, aws.String("by-state")} {
		seen := map[string]int{}
		for segment := range int32(segments) {
			scan := sdk.NewScanPaginator(c, &sdk.ScanInput{
				TableName: aws.String("partitions"), IndexName: index, Limit: aws.Int32(9),
				Segment: aws.Int32(segment), TotalSegments: aws.Int32(segments),
			})
			for scan.HasMorePages() {
				page, err := scan.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range page.Items {
					seen[item["asset"].(*types.AttributeValueMemberS).Value]++
				}
			}
		}
		for asset, times := range seen {
			if times != 1 {
				t.Errorf("%s came %d times", asset, times)
			}
		}
		if len(seen) != assets {
			t.Errorf("%d assets came, want %d", len(seen), assets)
		}
	}
}

func TestExpiredItemsAreNotThere(t *testing.T) {
	t.Parallel()
	var now atomic.Int64
	now.Store(1000)
	server := open(t, dynamodb.Options{Now: func() time.Time { return time.Unix(now.Load(), 0) }})
	c := client(serve(t, server))
	createPartitions(t, c)
	table := aws.String("partitions")
	if _, err := c.UpdateTimeToLive(t.Context(), &sdk.UpdateTimeToLiveInput{
		TableName: table, TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String("expires"), Enabled: aws.Bool(true)},
	}); err != nil {
		t.Fatal(err)
	}
	putPartition(t, c, "wtg-1", 1, attributes{"expires": number(2000), "state": text("queued")})
	putPartition(t, c, "wtg-1", 2, attributes{"expires": text("2000"), "state": text("queued")})
	visible := func() (int32, bool, int32) {
		scan, err := c.Scan(t.Context(), &sdk.ScanInput{TableName: table, Limit: aws.Int32(10)})
		if err != nil {
			t.Fatal(err)
		}
		get, err := c.GetItem(t.Context(), &sdk.GetItemInput{TableName: table, Key: attributes{"asset": text("wtg-1"), "day": number(1)}})
		if err != nil {
			t.Fatal(err)
		}
		query, err := c.Query(t.Context(), &sdk.QueryInput{
			TableName: table, IndexName: aws.String("by-state"), KeyConditionExpression: aws.String("#s = :s"),
			ExpressionAttributeNames: map[string]string{"#s": "state"}, ExpressionAttributeValues: attributes{":s": text("queued")},
		})
		if err != nil {
			t.Fatal(err)
		}
		return scan.Count, get.Item != nil, query.Count
	}
	if scanned, got, queried := visible(); scanned != 2 || !got || queried != 2 {
		t.Errorf("before: %d scanned, got %t, %d queried; want 2, true, 2", scanned, got, queried)
	}
	now.Store(2000)
	if scanned, got, queried := visible(); scanned != 1 || got || queried != 1 {
		t.Errorf("after: %d scanned, got %t, %d queried; want 1, false, 1", scanned, got, queried)
	}
	_, err := c.PutItem(t.Context(), &sdk.PutItemInput{
		TableName: table, Item: attributes{"asset": text("wtg-1"), "day": number(1)}, ConditionExpression: aws.String("attribute_not_exists(asset)"),
	})
	if err != nil {
		t.Errorf("an expired item stands in the way of a new one: %v", err)
	}
}

func TestConsumedCapacityCountsTableAndIndexes(t *testing.T) {
	t.Parallel()
	c := client(serve(t, open(t, dynamodb.Options{})))
	createPartitions(t, c)
	put, err := c.PutItem(t.Context(), &sdk.PutItemInput{
		TableName: aws.String("partitions"), ReturnConsumedCapacity: types.ReturnConsumedCapacityIndexes,
		Item: attributes{"asset": text("wtg-1"), "day": number(1), "state": text("queued"), "text": text(strings.Repeat("x", 5000))},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := []float64{*put.ConsumedCapacity.CapacityUnits, *put.ConsumedCapacity.Table.CapacityUnits, *put.ConsumedCapacity.GlobalSecondaryIndexes["by-state"].CapacityUnits}
	for _, consistent := range []bool{false, true} {
		get, err := c.GetItem(t.Context(), &sdk.GetItemInput{
			TableName: aws.String("partitions"), Key: attributes{"asset": text("wtg-1"), "day": number(1)},
			ConsistentRead: &consistent, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		})
		if err != nil {
			t.Fatal(err)
		}
		got = append(got, *get.ConsumedCapacity.CapacityUnits)
	}
	if diff := cmp.Diff([]float64{6, 5, 1, 1, 2}, got); diff != "" {
		t.Error(diff)
	}
}
