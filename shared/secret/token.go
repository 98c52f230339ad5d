package secret

import (
	"context"
	"errors"

	"delfos/shared/bearer"
)

// Token is the token that is given or, where none is, a secret's text as it is by then: a
// value for trying out goes before the secret, and stays. It is read at once, so that a
// program without it does not start. The error names the secret, never its value.
func (k *Keeper) Token(ctx context.Context, given, arn string) (bearer.Token, error) {
	if given != "" {
		return bearer.Fixed(given), nil
	}
	if arn == "" {
		return nil, errors.New("neither a secret's text nor its ARN is set")
	}
	if _, err := k.Text(ctx, arn); err != nil {
		return nil, err
	}
	return keptToken{k, arn}, nil
}

// keptToken is a token that is a secret's text.
type keptToken struct {
	keeper *Keeper
	arn    string
}

func (t keptToken) Text(ctx context.Context) (string, error) { return t.keeper.Text(ctx, t.arn) }

func (t keptToken) Renewed(ctx context.Context) (string, error) { return t.keeper.Renewed(ctx, t.arn) }
