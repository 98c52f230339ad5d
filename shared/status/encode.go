package status

import (
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// What values are as DynamoDB holds them. The SDK's attributevalue does the same for any
// value, by reflection, and is a hundredth of the etl function.

func text[S ~string](s S) types.AttributeValue {
	return &types.AttributeValueMemberS{Value: string(s)}
}

func number[N ~int | ~int64](n N) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(int64(n), 10)}
}

func decimal(f float64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatFloat(f, 'f', -1, 64)}
}

// instant is milliseconds of the Unix epoch.
func instant(t time.Time) types.AttributeValue { return number(toMillis(t)) }

func nested(of item) types.AttributeValue { return &types.AttributeValueMemberM{Value: of} }
