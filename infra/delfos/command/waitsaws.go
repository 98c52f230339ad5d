package command

import (
	"cmp"
	"context"
	"errors"
	"net"
	"slices"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/smithy-go/middleware"
)

// answerWithin bounds an operation of AWS, all its tries together. An invocation is not
// bounded by it: who invokes knows how long the function may take.
const answerWithin = 30 * time.Second

// longestInvocation is beyond Lambda's longest timeout.
const longestInvocation = 16 * time.Minute

// serviceNames are those of the services that the SDK knows under other names.
var serviceNames = map[string]string{"SFN": "Step Functions", "Scheduler": "EventBridge Scheduler"}

// watch has every operation of the clients that are made of a configuration told of while
// it takes long, and bounded. mend is what to do where nothing listens at its endpoint.
func (w *waits) watch(cfg aws.Config, mend string) aws.Config {
	place := "in " + cfg.Region
	if cfg.BaseEndpoint != nil {
		place = "at " + *cfg.BaseEndpoint
	}
	cfg.APIOptions = append(slices.Clone(cfg.APIOptions), func(stack *middleware.Stack) error {
		return errors.Join(
			stack.Initialize.Add(w.bounding(place), middleware.After),
			stack.Finalize.Insert(refusing(mend), "Retry", middleware.After),
		)
	})
	return cfg
}

// bounding is around an operation with all its tries.
func (w *waits) bounding(place string) middleware.InitializeMiddleware {
	return middleware.InitializeMiddlewareFunc("delfos.Waits", func(
		ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler,
	) (out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
		service := awsmiddleware.GetServiceID(ctx)
		what, within := cmp.Or(serviceNames[service], service), answerWithin
		if invoked, is := in.Parameters.(*lambda.InvokeInput); is {
			what, within = "function "+aws.ToString(invoked.FunctionName), longestInvocation
		}
		err = w.during(ctx, what+" "+place, within, func(ctx context.Context) error {
			out, metadata, err = next.HandleInitialize(ctx, in)
			return err
		})
		return out, metadata, err
	})
}

// refusedError says that nothing listens at an address of this machine, which does not
// pass within the seconds that the SDK would try again for.
type refusedError struct {
	cause error
	mend  string
}

// Error is the cause's.
func (e *refusedError) Error() string { return e.cause.Error() }

// Unwrap gives the cause.
func (e *refusedError) Unwrap() error { return e.cause }

// RetryableError tells the SDK not to try again (aws/retry, RetryableError).
func (e *refusedError) RetryableError() bool { return false }

// refusing is around each try.
func refusing(mend string) middleware.FinalizeMiddleware {
	return middleware.FinalizeMiddlewareFunc("delfos.Refused", func(
		ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler,
	) (middleware.FinalizeOutput, middleware.Metadata, error) {
		out, metadata, err := next.HandleFinalize(ctx, in)
		if isRefusedHere(err) {
			err = &refusedError{err, mend}
		}
		return out, metadata, err
	})
}

// isRefusedHere tells whether a connection to a loopback address was refused.
func isRefusedHere(err error) bool {
	dialled, ok := errors.AsType[*net.OpError](err)
	if !ok || !errors.Is(err, syscall.ECONNREFUSED) {
		return false
	}
	address, ok := dialled.Addr.(*net.TCPAddr)
	return ok && address.IP.IsLoopback()
}
