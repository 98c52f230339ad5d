package asl

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// fields reads the members of one object of a definition, and knows which it has not been
// asked for: those do not belong there.
type fields struct {
	*report
	at      string // "" for the machine itself
	members map[string]any
	known   map[string]bool
}

// fieldsOf is nil, and a problem, where the value is no object.
func (r *report) fieldsOf(value any, place string) *fields {
	members, ok := value.(map[string]any)
	if !ok {
		r.schema(orRoot(place), "Expected value of type Object, but it is %s", kindOf(value))
		return nil
	}
	return &fields{r, place, members, map[string]bool{}}
}

func orRoot(place string) string {
	if place == "" {
		return rootPlace
	}
	return place
}

func (f *fields) place(name string) string { return f.at + "/" + name }
func (f *fields) here() string             { return orRoot(f.at) }

func (f *fields) has(name string) bool {
	_, ok := f.members[name]
	return ok
}

// take is the member; ok is false where there is none.
func (f *fields) take(name string) (value any, ok bool) {
	f.known[name] = true
	value, ok = f.members[name]
	return value, ok
}

// require reports the fields that are missing.
func (f *fields) require(names ...string) {
	missing := slices.DeleteFunc(slices.Clone(names), f.has)
	if len(missing) > 0 {
		f.schema(f.here(), "These fields are required: [%s]", strings.Join(missing, ", "))
	}
}

// oneOf reports that not exactly one of the fields is there, or that more than one is
// where none need be.
func (f *fields) oneOf(required bool, names ...string) {
	switch there := len(slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !f.has(name) })); {
	case there > 1:
		f.schema(f.here(), "There should only be one of the following fields: [%s]", strings.Join(names, ", "))
	case there == 0 && required:
		f.schema(f.here(), "One of the following fields is required: [%s]", strings.Join(names, ", "))
	}
}

// refuse reports fields that AWS has and this package does not do.
func (f *fields) refuse(why string, names ...string) {
	for _, name := range names {
		if _, there := f.take(name); there {
			f.schema(f.place(name), "Field '%s' is not supported by this local Step Functions: %s", name, why)
		}
	}
}

// unsupported reports what has not been asked for.
func (f *fields) unsupported() {
	for _, name := range slices.Sorted(maps.Keys(f.members)) {
		if !f.known[name] {
			f.schema(f.here(), "Field '%s' is not supported", name)
		}
	}
}

// child reads the object in the field.
func (f *fields) child(name string) *fields {
	value, ok := f.take(name)
	if !ok {
		return nil
	}
	return f.fieldsOf(value, f.place(name))
}

// comment reads the Comment that most objects can have.
func (f *fields) comment() string { return f.text("Comment") }

func element(place, name string, i int) string { return fmt.Sprintf("%s/%s[%d]", place, name, i) }
