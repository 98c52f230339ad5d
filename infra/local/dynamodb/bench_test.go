package dynamodb_test

import (
	"fmt"
	"sync/atomic"
	"testing"

	"delfos/infra/local/dynamodb"
)

// BenchmarkConditionalUpdate is the claim of a partition, with a journal on disk:
// the issue wants 4,000 a second at least.
func BenchmarkConditionalUpdate(b *testing.B) {
	server := open(b, dynamodb.Options{Dir: b.TempDir()})
	do(b, server, "CreateTable", createRuns)
	body := func(n int64) []byte {
		return fmt.Appendf(nil, `{"TableName":"Runs","Key":{"id":{"S":"run-%d"}},"UpdateExpression":"SET #s = :s, lease = :l ADD generation :one","ConditionExpression":"attribute_not_exists(lease) OR lease < :l",`+
			`"ExpressionAttributeNames":{"#s":"state"},"ExpressionAttributeValues":{":s":{"S":"running"},":l":{"N":"%d"},":one":{"N":"1"}},"ReturnValues":"ALL_NEW"}`, n%1000, n)
	}
	var n atomic.Int64
	b.Run("engine", func(b *testing.B) {
		for range b.N {
			if _, err := server.Call(b.Context(), "UpdateItem", body(n.Add(1))); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	})
	b.Run("http", func(b *testing.B) {
		url := serve(b, server)
		b.RunParallel(func(pb *testing.PB) {
			for pb.Next() {
				if status, answer := post(b, url, "UpdateItem", string(body(n.Add(1)))); status != 200 && answer["__type"] != "ConditionalCheckFailedException" {
					b.Errorf("%d %v", status, answer)
				}
			}
		})
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "writes/s")
	})
}

// BenchmarkQueryTwentyOfTenThousand is a page of one partition key's items: the
// issue wants well under 1 ms.
func BenchmarkQueryTwentyOfTenThousand(b *testing.B) {
	server := open(b, dynamodb.Options{})
	do(b, server, "CreateTable", createThings)
	for i := range 10_000 {
		do(b, server, "PutItem", fmt.Sprintf(`{"TableName":"things","Item":{"p":{"S":"a"},"r":{"N":"%d"},"g":{"S":"G"},"x":{"S":"some text"},"y":{"N":"12.5"}}}`, i))
	}
	for name, body := range map[string]string{
		"table": `{"TableName":"things","KeyConditionExpression":"p = :p AND r >= :r","Limit":20,"ExpressionAttributeValues":{":p":{"S":"a"},":r":{"N":"5000"}}}`,
		"index": `{"TableName":"things","IndexName":"by-g","KeyConditionExpression":"g = :p","Limit":20,"ScanIndexForward":false,"ExpressionAttributeValues":{":p":{"S":"G"}}}`,
	} {
		b.Run(name, func(b *testing.B) {
			for range b.N {
				answer, err := server.Call(b.Context(), "Query", []byte(body))
				if err != nil {
					b.Fatal(err)
				}
				mustMarshal(answer)
			}
		})
	}
}
