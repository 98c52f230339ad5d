package expression

import "delfos/infra/local/dynamodb/attribute"

// Update is a parsed UpdateExpression.
type Update struct {
	sets      []assignment
	removes   []Path
	additions []setOperation
	deletions []setOperation
	paths     Projection
}

type assignment struct {
	path  Path
	value updateOperand
}

// setOperation is an action of ADD or DELETE.
type setOperation struct {
	path  Path
	value attribute.Value
}

// Paths lists the document paths that the update writes, in the order of the source.
func (u *Update) Paths() Projection { return u.paths }

// Update parses an UpdateExpression (Developer Guide, "Using update expressions in
// DynamoDB").
func (s *Scope) Update(source string) (*Update, error) {
	p, err := newParser(s, "UpdateExpression", source)
	if err != nil {
		return nil, err
	}
	u := &updateParser{parser: p, update: &Update{}}
	if err := u.clauses(); err != nil {
		return nil, p.wrap(err)
	}
	u.update.paths = u.paths
	return u.update, p.finish(func() error { return checkDisjoint(u.paths) })
}

type updateParser struct {
	*parser
	update *Update
	paths  []Path
}

func (u *updateParser) clauses() error {
	clauses := map[string]func() error{"SET": u.set, "REMOVE": u.remove, "ADD": u.add, "DELETE": u.delete}
	seen := map[string]bool{}
	for {
		keyword := u.clauseKeyword()
		action, ok := clauses[keyword]
		if !ok {
			return u.syntaxError()
		}
		if seen[keyword] {
			u.fail("The %q section can only be used once in an update expression;", keyword)
		}
		seen[keyword] = true
		u.at++
		if err := u.list(action); err != nil {
			return err
		}
		if u.peek().kind == endToken {
			return nil
		}
	}
}

func (u *updateParser) clauseKeyword() string {
	for _, keyword := range []string{"SET", "REMOVE", "ADD", "DELETE"} {
		if u.peek().isKeyword(keyword) {
			return keyword
		}
	}
	return ""
}

func (u *updateParser) list(action func() error) error {
	for {
		if err := action(); err != nil {
			return err
		}
		if !u.acceptPunctuation(",") {
			return nil
		}
	}
}

func (u *updateParser) target() (Path, error) {
	path, err := u.path()
	u.paths = append(u.paths, path)
	return path, err
}

func (u *updateParser) set() error {
	path, err := u.target()
	if err != nil {
		return err
	}
	if err := u.expectPunctuation("="); err != nil {
		return err
	}
	value, err := u.expression()
	u.update.sets = append(u.update.sets, assignment{path, value})
	return err
}

func (u *updateParser) remove() error {
	path, err := u.target()
	u.update.removes = append(u.update.removes, path)
	return err
}

func (u *updateParser) add() error {
	operation, err := u.setOperation("ADD",
		attribute.TypeNumber, attribute.TypeStringSet, attribute.TypeNumberSet, attribute.TypeBinarySet)
	u.update.additions = append(u.update.additions, operation)
	return err
}

func (u *updateParser) delete() error {
	operation, err := u.setOperation("DELETE",
		attribute.TypeStringSet, attribute.TypeNumberSet, attribute.TypeBinarySet)
	u.update.deletions = append(u.update.deletions, operation)
	return err
}

func (u *updateParser) setOperation(clause string, allowed ...attribute.Type) (setOperation, error) {
	path, err := u.target()
	if err != nil {
		return setOperation{}, err
	}
	value, err := u.value()
	if err != nil || value == nil {
		return setOperation{}, err
	}
	for _, t := range allowed {
		if value.Type() == t {
			return setOperation{path, value}, nil
		}
	}
	u.fail("Incorrect operand type for operator or function; operator: %s, operand type: %s", clause, longTypeNames[value.Type()])
	return setOperation{path, value}, nil
}

// longTypeNames are how the messages of ADD and DELETE name types.
var longTypeNames = map[attribute.Type]string{
	attribute.TypeString: "STRING", attribute.TypeNumber: "NUMBER", attribute.TypeBinary: "BINARY",
	attribute.TypeBool: "BOOLEAN", attribute.TypeNull: "NULL", attribute.TypeList: "LIST", attribute.TypeMap: "MAP",
}
