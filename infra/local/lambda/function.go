package lambda

import (
	"cmp"
	"fmt"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Function is what there is to run. Zero values have Lambda's defaults.
type Function struct {
	Name    string   // 1 to 64 letters, digits, - and _
	Command []string // the bootstrap's path, and its arguments
	Dir     string   // the task root and working directory; "" means the bootstrap's own
	// Environment is added to what Lambda sets. Names that Lambda reserves are
	// refused as on AWS, but for the credentials: here no role gives any.
	Environment         map[string]string
	Timeout             time.Duration // up to 15 minutes; 0 means 3 seconds
	MemoryMB            int           // 128 to 10,240, reported and not enforced; 0 means 128
	ReservedConcurrency *int          // nil shares the account's; 0 refuses every invocation
	Architecture        string        // x86_64, the default, or arm64
	LogGroup            string        // "" means /aws/lambda/<name>
	AsyncRetries        *int          // MaximumRetryAttempts of an Event invocation, 0 to 2; nil means 2
	// OnFailureDestination is the ARN of the SQS queue that gets the record of each
	// Event invocation that is given up; "" is none. It needs Options.Destination.
	OnFailureDestination string
}

const (
	defaultTimeout  = 3 * time.Second
	maxTimeout      = 15 * time.Minute // Lambda Developer Guide, "Lambda quotas"
	defaultMemoryMB = 128
	maxMemoryMB     = 10_240
	defaultRetries  = 2
)

var (
	functionName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	variableName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_]+$`)
	queueARN     = regexp.MustCompile(`^arn:aws:sqs:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,80}$`)
)

// complete checks a function and fills in the defaults.
func (f Function) complete() (Function, error) {
	refuse := func(format string, args ...any) (Function, error) {
		return f, fmt.Errorf("function %q: %s", f.Name, fmt.Sprintf(format, args...))
	}
	if !functionName.MatchString(f.Name) {
		return refuse("Name: want 1 to 64 letters, digits, - and _")
	}
	if len(f.Command) == 0 || f.Command[0] == "" {
		return refuse("Command: want the path of the bootstrap")
	}
	if err := f.setDefaults(); err != nil {
		return refuse("Command: %v", err)
	}
	if f.Timeout < 0 || f.Timeout > maxTimeout {
		return refuse("Timeout %s: want up to %s", f.Timeout, maxTimeout)
	}
	if f.MemoryMB < defaultMemoryMB || f.MemoryMB > maxMemoryMB {
		return refuse("MemoryMB %d: want %d to %d", f.MemoryMB, defaultMemoryMB, maxMemoryMB)
	}
	if f.ReservedConcurrency != nil && *f.ReservedConcurrency < 0 {
		return refuse("ReservedConcurrency %d: want 0 or more", *f.ReservedConcurrency)
	}
	if f.Architecture != "x86_64" && f.Architecture != "arm64" {
		return refuse("Architecture %q: want x86_64 or arm64", f.Architecture)
	}
	if *f.AsyncRetries < 0 || *f.AsyncRetries > defaultRetries {
		return refuse("AsyncRetries %d: want 0 to %d", *f.AsyncRetries, defaultRetries)
	}
	if f.OnFailureDestination != "" && !queueARN.MatchString(f.OnFailureDestination) {
		return refuse("OnFailureDestination %q: want the ARN of a standard SQS queue", f.OnFailureDestination)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Environment)) {
		if isReserved(name) || !variableName.MatchString(name) {
			return refuse("Environment: %s is reserved by Lambda or no variable's name", name)
		}
	}
	return f, nil
}

func (f *Function) setDefaults() error {
	f.Command, f.Environment = slices.Clone(f.Command), maps.Clone(f.Environment)
	bootstrap, err := filepath.Abs(f.Command[0])
	if err != nil {
		return err
	}
	f.Command[0] = bootstrap
	if f.Dir == "" {
		f.Dir = filepath.Dir(bootstrap)
	}
	if f.Timeout == 0 {
		f.Timeout = defaultTimeout
	}
	if f.MemoryMB == 0 {
		f.MemoryMB = defaultMemoryMB
	}
	if f.Architecture == "" {
		f.Architecture = "x86_64"
	}
	if f.LogGroup == "" {
		f.LogGroup = "/aws/lambda/" + f.Name
	}
	if f.AsyncRetries == nil {
		retries := defaultRetries
		f.AsyncRetries = &retries
	}
	return nil
}

// function is a registered Function and what it has done.
type function struct {
	Function
	arn        string
	registered time.Time

	// The rest is guarded by Service.mu.

	replaced bool       // by a later Register of the same name
	idle     []*sandbox // the most recently used last
	stats    Stats
}

// parseName takes a function's name, ARN or partial ARN apart (Lambda API
// Reference, Invoke, "FunctionName"). Parts that are not given are "".
func parseName(reference string) (region, account, name, qualifier string, ok bool) {
	parts := strings.Split(reference, ":")
	if strings.HasPrefix(reference, "arn:") {
		if len(parts) < 7 || parts[2] != "lambda" || parts[5] != "function" {
			return "", "", "", "", false
		}
		region, account, parts = parts[3], parts[4], parts[6:]
	} else if len(parts) >= 3 && parts[1] == "function" {
		account, parts = parts[0], parts[2:]
	}
	if len(parts) == 2 {
		qualifier = parts[1]
	}
	ok = len(parts) <= 2 && functionName.MatchString(parts[0])
	return region, account, parts[0], qualifier, ok
}

// lookup finds the function that a request names, in its version $LATEST, which
// is the only one.
func (s *Service) lookup(reference, qualifier string) (*function, error) {
	region, account, name, inName, ok := parseName(reference)
	if !ok {
		return nil, refusal("ValidationException", 400, "FunctionName %q: want a function's name or ARN", reference)
	}
	if qualifier != "" && inName != "" && qualifier != inName {
		return nil, refusal("InvalidParameterValueException", 400, "The derived qualifier from the function name does not match the specified qualifier.")
	}
	arn := s.arn(name)
	if qualifier = cmp.Or(qualifier, inName, version); qualifier != version {
		return nil, refusal("ResourceNotFoundException", 404, "Function not found: %s:%s", arn, qualifier)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	found := s.functions[name]
	elsewhere := (region != "" && region != s.options.Region) || (account != "" && account != s.options.AccountID)
	if found == nil || elsewhere {
		return nil, refusal("ResourceNotFoundException", 404, "Function not found: %s", arn)
	}
	return found, nil
}

func (s *Service) arn(name string) string {
	return fmt.Sprintf("arn:aws:lambda:%s:%s:function:%s", s.options.Region, s.options.AccountID, name)
}
