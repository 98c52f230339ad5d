// Bootstrap is a function that does what its event says.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-lambda-go/lambdacontext"
)

type event struct {
	Do      string
	Text    string
	Size    int
	Address string // where the test listens
}

// PermanentError is an error with a type of its own.
type PermanentError struct{ Reason string }

func (e *PermanentError) Error() string { return e.Reason }

// stays is kept from the garbage collector, which would close it.
var stays net.Conn

func main() {
	switch os.Getenv("INIT") {
	case "exit":
		fmt.Println("cannot start")
		os.Exit(3)
	case "child": // what "orphan" leaves behind
		hang(os.Getenv("ADDRESS"))
	}
	fmt.Println("starting")
	lambda.Start(handle)
}

func handle(ctx context.Context, raw json.RawMessage) (any, error) {
	var e event
	if err := json.Unmarshal(raw, &e); err != nil {
		return raw, nil
	}
	switch e.Do {
	case "error":
		return nil, errors.New(e.Text)
	case "typed error":
		return nil, &PermanentError{e.Text}
	case "panic":
		panic(e.Text)
	case "exit":
		os.Exit(e.Size)
	case "big":
		return strings.Repeat("x", e.Size-2), nil
	case "print":
		fmt.Println(e.Text)
		fmt.Fprintln(os.Stderr, "to stderr")
		fmt.Print("without an end")
	case "environment":
		return os.Environ(), nil
	case "context":
		return describe(ctx), nil
	case "user":
		return os.Getuid(), nil
	case "pid":
		return os.Getpid(), nil
	case "hold": // answer when the test says so
		return os.Getpid(), hold(e.Address)
	case "stay": // connected, after the answer
		stays = report(e.Address)
	case "hang":
		hang(e.Address)
	case "orphan":
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), "INIT=child", "ADDRESS="+e.Address)
		child.Stdout = os.Stdout
		return nil, child.Start()
	}
	return raw, nil
}

func describe(ctx context.Context) map[string]any {
	invocation, _ := lambdacontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	return map[string]any{
		"request_id": invocation.AwsRequestID, "arn": invocation.InvokedFunctionArn, "client": invocation.ClientContext.Custom,
		"remaining": time.Until(deadline).Seconds(), "trace": os.Getenv("_X_AMZN_TRACE_ID"),
	}
}

// report connects to the test and says who this is; the connection ends with the
// process.
func report(address string) net.Conn {
	connection, err := net.Dial("tcp", address)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(connection, os.Getpid())
	return connection
}

func hold(address string) error {
	connection := report(address)
	defer connection.Close()
	_, err := connection.Read(make([]byte, 1))
	return err
}

func hang(address string) {
	connection := report(address)
	for {
		time.Sleep(time.Hour)
		fmt.Fprintln(connection)
	}
}
