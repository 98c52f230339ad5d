package engine

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"delfos/infra/local/lambda"
)

// lambdaRequest reads the parameters of lambda:invoke.
func lambdaRequest(parameters any) (lambda.Request, error) {
	request := lambda.Request{}
	given, ok := parameters.(map[string]any)
	if !ok {
		return request, runtimeError("The Parameters of lambda:invoke must be an object.")
	}
	for name, value := range given {
		if err := setParameter(&request, name, value); err != nil {
			return request, err
		}
	}
	if request.Function == "" {
		return request, runtimeError("The parameter 'FunctionName' of lambda:invoke is missing.")
	}
	return request, nil
}

func setParameter(request *lambda.Request, name string, value any) error {
	if name == "Payload" {
		payload, err := encode(value)
		request.Payload = payload.text
		return err
	}
	text, ok := value.(string)
	if !ok {
		return runtimeError("The parameter '%s' of lambda:invoke must be a string, not %s.", name, plain(value))
	}
	switch name {
	case "FunctionName":
		request.Function = text
	case "Qualifier":
		request.Qualifier = text
	case "InvocationType":
		request.Type = lambda.InvocationType(text)
	case "LogType":
		request.LogTail = text == "Tail"
		if text != "Tail" && text != "None" {
			return runtimeError("The parameter 'LogType' of lambda:invoke must be None or Tail, not %s.", text)
		}
	case "ClientContext":
		context, err := base64.StdEncoding.DecodeString(text)
		if err != nil {
			return runtimeError("The parameter 'ClientContext' of lambda:invoke must be base64: %v.", err)
		}
		request.ClientContext = context
	default:
		return runtimeError("The parameter '%s' is not one of lambda:invoke that the local Step Functions has.", name)
	}
	return nil
}

// invokeResult is what lambda:invoke results in, as recorded against AWS.
func invokeResult(request lambda.Request, response lambda.Response, payload any, now time.Time) map[string]any {
	headers := map[string]string{
		"Connection":                     "keep-alive",
		"Content-Length":                 strconv.Itoa(len(response.Payload)),
		"Content-Type":                   "application/json",
		"Date":                           now.UTC().Format(http.TimeFormat),
		"X-Amz-Executed-Version":         "$LATEST",
		"x-amzn-Remapped-Content-Length": "0",
		"x-amzn-RequestId":               response.RequestID,
		"X-Amzn-Trace-Id":                request.TraceID,
	}
	single, lists := map[string]any{}, map[string]any{}
	for name, value := range headers {
		single[name], lists[name] = value, []any{value}
	}
	status := json.Number(fmt.Sprint(response.StatusCode))
	result := map[string]any{
		"ExecutedVersion":     "$LATEST",
		"Payload":             payload,
		"SdkHttpMetadata":     map[string]any{"AllHttpHeaders": lists, "HttpHeaders": single, "HttpStatusCode": status},
		"SdkResponseMetadata": map[string]any{"RequestId": response.RequestID},
		"StatusCode":          status,
	}
	if response.LogTail != "" {
		result["LogResult"] = base64.StdEncoding.EncodeToString([]byte(response.LogTail))
	}
	return result
}
