package statustest

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"delfos/shared/status"
)

// NewStore is a store on tables of its own, that it creates.
func NewStore(t testing.TB, client *dynamodb.Client) *status.Store {
	t.Helper()
	tables, err := CreateTables(t.Context(), client, "test")
	if err != nil {
		t.Fatal(err)
	}
	return status.New(client, tables)
}
