package provision

import (
	"context"
	"fmt"

	"delfos/shared/postgres"
	"delfos/shared/postgres/role"
)

// Login is how a function of the stack logs in to a database of the stack's own.
type Login struct {
	Role      role.Role
	SecretARN string // of its database secret, which has the password; "" makes no role
	// Attribute of the custom resource gives the secret's ARN once the role is there: a
	// function that takes it from there is not ahead of its role.
	Attribute string
}

// makeRoles gives each role the password of its secret, and returns their names.
func (p *Provisioner) makeRoles(ctx context.Context, owner string, wanted []Login) (made []string, err error) {
	var logins []role.Login
	for _, login := range wanted {
		if login.SecretARN == "" {
			continue
		}
		password, err := p.password(ctx, login)
		if err != nil {
			return nil, fmt.Errorf("role %s: %w", login.Role.Name, err)
		}
		logins = append(logins, role.Login{Role: login.Role, Password: password})
		made = append(made, login.Role.Name)
	}
	if len(logins) == 0 {
		return nil, nil
	}
	return made, role.Ensure(ctx, owner, logins...)
}

func (p *Provisioner) password(ctx context.Context, login Login) (string, error) {
	dsn, err := postgres.DSNOr(ctx, p.Secrets, "", login.SecretARN)
	if err != nil {
		return "", err
	}
	config, err := postgres.ParseConfig(dsn)
	if err != nil {
		return "", err
	}
	if config.User != login.Role.Name {
		return "", fmt.Errorf("secret %s is of the user %q: give that of the role", login.SecretARN, config.User)
	}
	return config.Password, nil
}
