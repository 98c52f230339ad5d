package asl

// The fields that JSONata has and JSONPath has not.
var jsonataFields = []string{"Arguments", "Output", "Items", "Condition"}

// state reads one state.
func (p *parser) state(name string, f *fields) *State {
	s := &State{Name: name, Comment: f.comment()}
	f.require("Type")
	s.Type = StateType(f.text("Type"))
	p.queryLanguage(f)
	p.refuseJSONata(f)
	read, ok := map[StateType]func(*parser, *State, *fields){
		Task: (*parser).task, Pass: (*parser).pass, Choice: (*parser).choiceState, Wait: (*parser).wait,
		Succeed: (*parser).succeed, Fail: (*parser).failState, Parallel: (*parser).parallel, Map: (*parser).mapState,
	}[s.Type]
	if !ok {
		if f.has("Type") {
			p.schema(f.place("Type"), "The field 'Type' should have one of these values: [Task, Wait, Pass, Succeed, Fail, Choice, Parallel, Map]")
		}
		return s
	}
	read(p, s, f)
	f.unsupported()
	return s
}

func (p *parser) refuseJSONata(f *fields) {
	for _, name := range jsonataFields {
		if _, there := f.take(name); there {
			p.schema(f.here(), "The QueryLanguage is set to 'JSONPath', but field '%s' is only supported for the 'JSONata' QueryLanguage", name)
		}
	}
}

// next reads Next and End, of which a state has one.
func (p *parser) next(s *State, f *fields) {
	s.Next, s.End = f.filledText("Next"), f.boolean("End")
	switch {
	case f.has("Next") && s.End:
		p.schema(f.here(), "There should only be one of the following fields: [Next, End]")
	case !f.has("Next") && !s.End:
		p.schema(f.here(), "One of the following fields is required: [Next, End]")
	}
}

// data reads InputPath and OutputPath.
func (p *parser) data(s *State, f *fields) {
	s.InputPath = f.path("InputPath", anyPath|nullPath|contextPath)
	s.OutputPath = f.path("OutputPath", anyPath|nullPath|contextPath)
}

// result reads how a state's result becomes its output.
func (p *parser) result(s *State, f *fields) {
	s.ResultSelector = f.objectTemplate("ResultSelector")
	s.ResultPath = f.resultPath()
}

func (p *parser) pass(s *State, f *fields) {
	p.next(s, f)
	p.data(s, f)
	s.ResultPath = f.resultPath()
	s.Parameters = f.template("Parameters")
	s.Result, s.HasResult = f.take("Result")
	s.Assign = f.assign()
}

func (p *parser) succeed(s *State, f *fields) { p.data(s, f) }

func (p *parser) failState(s *State, f *fields) {
	f.oneOf(false, "Error", "ErrorPath")
	f.oneOf(false, "Cause", "CausePath")
	s.Error, s.Cause = f.text("Error"), f.text("Cause")
	s.ErrorPath = f.path("ErrorPath", contextPath|intrinsicCall)
	s.CausePath = f.path("CausePath", contextPath|intrinsicCall)
}

func (p *parser) wait(s *State, f *fields) {
	p.next(s, f)
	p.data(s, f)
	s.Assign = f.assign()
	f.oneOf(true, "Seconds", "SecondsPath", "Timestamp", "TimestampPath")
	s.Seconds = f.integer("Seconds", 0, maxSeconds)
	s.SecondsPath = f.path("SecondsPath", contextPath)
	s.TimestampPath = f.path("TimestampPath", contextPath)
	s.Timestamp = f.text("Timestamp")
	if f.has("Timestamp") {
		if !isTimestamp(s.Timestamp) {
			p.schema(f.place("Timestamp"), "String does not match RFC3339 timestamp")
		}
	}
}

func (p *parser) parallel(s *State, f *fields) {
	p.next(s, f)
	p.data(s, f)
	p.result(s, f)
	p.errors(s, f)
	s.Parameters = f.template("Parameters")
	s.Assign = f.assign()
	f.require("Branches")
	for i, value := range f.filledList("Branches") {
		s.Branches = append(s.Branches, p.nested(p.fieldsOf(value, element(f.at, "Branches", i))))
	}
}
