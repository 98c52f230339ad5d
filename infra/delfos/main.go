// Command delfos runs the pipeline on this machine and steers it, here or on
// AWS, through the AWS APIs. `delfos help` lists what it does.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"delfos/infra/delfos/command"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := command.Run(ctx, os.Args[1:], command.System())
	stop()
	os.Exit(code)
}
