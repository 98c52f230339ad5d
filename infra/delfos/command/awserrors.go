package command

import (
	"errors"
	"slices"

	"github.com/aws/smithy-go"

	"delfos/shared/awserror"
	"delfos/shared/pipeline"
)

// Error codes by which AWS services refuse whoever asks (each API's reference, "Common
// error types").
var (
	notAllowed = []string{"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "NotAuthorized"}
	expired    = []string{"ExpiredToken", "ExpiredTokenException", "RequestExpired"}
	notKnown   = []string{
		"InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure", "MissingAuthenticationToken",
		"SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature", "IncompleteSignatureException",
	}
)

// plainly says an error of an AWS API without the SDK's own words and, where the
// credentials or their permissions are at fault, what to do. Other errors stay.
func plainly(err error) error {
	operation, ok := errors.AsType[*smithy.OperationError](err)
	if !ok {
		return err
	}
	if answer, answered := errors.AsType[smithy.APIError](operation); answered {
		if text := refusal(answer); text != "" {
			return awserror.Say(text, err)
		}
	}
	if refused, ok := errors.AsType[*pipeline.RefusedError](err); ok { // whose advice is the console's
		return awserror.Say(refused.What+" refused: "+awserror.Plain(refused.Cause).Error()+": check that the stack is whole", err)
	}
	return awserror.Plain(err)
}

// refusal says what to do where AWS refuses whoever asks; "" where it is another error.
func refusal(err smithy.APIError) string {
	switch code := err.ErrorCode(); {
	case slices.Contains(notAllowed, code):
		return "AWS does not allow it: " + err.ErrorMessage() + ": ask for the permission, or use other credentials"
	case slices.Contains(expired, code):
		return "the AWS credentials have expired (" + err.ErrorMessage() + "): sign in again, or check this machine's clock"
	case slices.Contains(notKnown, code):
		return "AWS does not know the credentials (" + code + ": " + err.ErrorMessage() + "): check the keys, the profile and the region"
	default:
		return ""
	}
}
