// Rawbootstrap speaks to the Runtime API by hand, and not always as it should.
package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
)

var base = "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/"

func main() {
	if os.Getenv("INIT") == "error" {
		post("init/error", `{"errorType":"Config.Missing","errorMessage":"no table"}`)
		os.Exit(1)
	}
	for {
		id, event := next()
		switch answer := "invocation/" + id + "/response"; strings.Trim(event, `"`) {
		case "wrong id":
			post(answer, post("invocation/other/response", "1"))
		case "twice":
			post(answer, "1")
			fmt.Println(post(answer, "2"))
		case "next again":
			_, refused := next()
			post(answer, refused)
		case "answer and exit":
			post(answer, `"answered"`)
			os.Exit(1)
		case "streaming":
			post(answer, postAs(answer, "1", "streaming"))
		case "neighbour":
			host, _, _ := strings.Cut(os.Getenv("AWS_LAMBDA_RUNTIME_API"), "/")
			post(answer, call(http.MethodGet, "http://"+host+"/guess/2018-06-01/runtime/invocation/next", "", ""))
		case "unknown path":
			post(answer, post("invocation/"+id+"/unknown", "1"))
		default:
			post(answer, event)
		}
	}
}

func next() (id, event string) {
	response, err := http.Get(base + "invocation/next")
	if err != nil {
		os.Exit(0)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	return response.Header.Get("Lambda-Runtime-Aws-Request-Id"), string(body)
}

func post(path, body string) string { return postAs(path, body, "") }

func postAs(path, body, mode string) string { return call(http.MethodPost, base+path, body, mode) }

func call(method, url, body, mode string) string {
	request, _ := http.NewRequest(method, url, bytes.NewReader([]byte(body)))
	if mode != "" {
		request.Header.Set("Lambda-Runtime-Function-Response-Mode", mode)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Sprintf("%q", err)
	}
	defer response.Body.Close()
	answer, _ := io.ReadAll(response.Body)
	return string(answer)
}
