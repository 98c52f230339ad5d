package command

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go/logging"

	"delfos/shared/awsconfig"
)

// findWithin bounds finding out where a deployed stack's parts are. Credentials may
// have to be fetched for it, by a process or from the network.
const findWithin = time.Minute

// connectDeployed finds the parts of a deployed stack by its outputs.
func connectDeployed(ctx context.Context, terminal Terminal, w where) (connection, error) {
	limited, cancel := context.WithTimeout(ctx, findWithin)
	defer cancel()
	waits := newWaits(terminal)
	cfg, err := w.config(limited, waits)
	if err != nil {
		return connection{}, err
	}
	cfg = waits.watch(cfg, "start what answers at $AWS_ENDPOINT_URL, or unset it to come to AWS")
	stack, err := w.describe(limited, cloudformation.NewFromConfig(cfg), cfg.Region)
	if err != nil {
		return connection{}, err
	}
	parts, err := w.partsOf(stack, func(unsound error) { fmt.Fprintln(terminal.Stderr, "delfos: warning:", unsound) })
	conn := connectTo(w, cfg, parts)
	conn.waits = waits
	return conn, err
}

// config is what the AWS SDK's environment and files say, but for what flags have said.
// It has credentials.
func (w where) config(ctx context.Context, waits *waits) (aws.Config, error) {
	options := []func(*config.LoadOptions) error{config.WithLogger(logging.Nop{})} // what matters comes as an error
	if w.region != "" {
		options = append(options, config.WithRegion(w.region))
	}
	if w.profile != "" {
		options = append(options, config.WithSharedConfigProfile(w.profile))
	}
	cfg, err := config.LoadDefaultConfig(ctx, options...)
	if missing, no := errors.AsType[config.SharedConfigProfileNotExistError](err); no {
		return cfg, fmt.Errorf("the AWS configuration files have no profile %s: `aws configure list-profiles` lists those that they have", missing.Profile)
	}
	if err != nil {
		return cfg, fmt.Errorf("read the AWS configuration: %w: mend the profile, or name another with --profile", err)
	}
	if cfg.Region == "" {
		return cfg, fmt.Errorf("which region stack %s is in is not known: say it with --region, or set AWS_REGION or the profile's region", w.stack)
	}
	if strings.HasPrefix(aws.ToString(cfg.BaseEndpoint), "http:") {
		cfg.HTTPClient = awsconfig.HTTPClient() // an emulator, which answers at once
	}
	end := waits.tellLater(ctx, "AWS credentials", findWithin)
	_, err = cfg.Credentials.Retrieve(ctx)
	if end(err); err != nil {
		return cfg, w.noCredentials(ctx, err)
	}
	return cfg, nil
}

// noCredentials says how to come by some.
func (w where) noCredentials(ctx context.Context, err error) error {
	profile := ""
	if w.profile != "" {
		profile = " --profile " + shellWord(w.profile)
	}
	_, session := errors.AsType[*ssocreds.InvalidTokenError](err)
	switch text := err.Error(); {
	case errors.Is(ctx.Err(), context.Canceled):
		return fmt.Errorf("interrupted while AWS credentials were fetched: %w", ctx.Err())
	case session:
		return fmt.Errorf("the AWS sign-in has expired, or was never made: run `aws sso login%s`", profile)
	case strings.Contains(text, "reauthenticate"): // logincreds' errors have no types
		return fmt.Errorf("the AWS sign-in has expired, or was never made: run `aws login%s`", profile)
	case strings.Contains(text, "no EC2 IMDS role found"): // where the SDK looks last
		return errors.New("there are no AWS credentials: name a profile that has some with --profile, sign in with the AWS CLI, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
	default:
		text = strings.TrimPrefix(plainly(err).Error(), "failed to refresh cached credentials, ")
		return fmt.Errorf("get AWS credentials: %s: mend the profile, or name another with --profile", text)
	}
}
