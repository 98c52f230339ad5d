package template

// secret reads an AWS::SecretsManager::Secret.
func (b *builder) secret(resource *resource) {
	fields := b.fields(resource)
	fields.awsOnly("Description", "KmsKeyId", "Name", "ReplicaRegions", "Tags")
	secret := Secret{
		LogicalID: resource.logicalID,
		Name:      b.resolver.nameOf(resource, "Name"),
		ARN:       secretARN(b.resolver, resource),
		Text:      fields.text("SecretString", ""),
	}
	if generate := fields.object("GenerateSecretString"); generate.node != nil {
		secret.Generate = readPassword(generate)
	}
	if (secret.Text == "") == (secret.Generate == nil) {
		b.resolver.problems.add(resource.node, "%s has either SecretString or GenerateSecretString", resource.logicalID)
	}
	fields.finish()
	b.template.Secrets = append(b.template.Secrets, secret)
}

func readPassword(fields *fields) *Password {
	password := &Password{
		Length:                  fields.integer("PasswordLength", 1, 4096, 32),
		ExcludeCharacters:       fields.text("ExcludeCharacters", ""),
		ExcludeLowercase:        fields.boolean("ExcludeLowercase", false),
		ExcludeUppercase:        fields.boolean("ExcludeUppercase", false),
		ExcludeNumbers:          fields.boolean("ExcludeNumbers", false),
		ExcludePunctuation:      fields.boolean("ExcludePunctuation", false),
		IncludeSpace:            fields.boolean("IncludeSpace", false),
		RequireEachIncludedType: fields.boolean("RequireEachIncludedType", true),
	}
	if err := password.check(); err != nil {
		fields.problems.addLine(fields.line(), fields.path+": "+err.Error())
	}
	fields.finish()
	return password
}
