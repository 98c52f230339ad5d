package asl

import (
	"math"
	"strings"
	"unicode"
	"unicode/utf8"
)

// maxLabel is in characters (Developer Guide, "Using Map state in Distributed mode").
const maxLabel = 40

func (p *parser) mapState(s *State, f *fields) {
	p.next(s, f)
	p.data(s, f)
	p.result(s, f)
	p.errors(s, f)
	s.Assign = f.assign()
	p.processor(s, f)
	p.items(s, f)
	f.oneOf(false, "MaxConcurrency", "MaxConcurrencyPath")
	s.MaxConcurrency = f.integer("MaxConcurrency", 0, math.MaxInt32)
	s.MaxConcurrencyPath = f.path("MaxConcurrencyPath", 0)
	f.refuse("a Map reads the items of its input", "ItemReader")
	f.refuse("a Map's results are its output", "ResultWriter")
	distributed := []string{
		"Label", "ItemBatcher", "ToleratedFailureCount", "ToleratedFailureCountPath",
		"ToleratedFailurePercentage", "ToleratedFailurePercentagePath",
	}
	if !s.Distributed {
		for _, name := range distributed {
			if _, there := f.take(name); there {
				p.schema(f.here(), "Field '%s' is only supported where ProcessorConfig has the Mode 'DISTRIBUTED'", name)
			}
		}
		return
	}
	p.label(s, f)
	p.tolerance(s, f)
	p.batcher(s, f)
}

// processor reads ItemProcessor, or Iterator of old, which takes a ProcessorConfig too.
func (p *parser) processor(s *State, f *fields) {
	f.oneOf(true, "ItemProcessor", "Iterator")
	for _, name := range []string{"Iterator", "ItemProcessor"} {
		inner := f.child(name)
		if inner == nil {
			continue
		}
		if config := inner.child("ProcessorConfig"); config != nil {
			s.Distributed = config.choice("Mode", "INLINE", "DISTRIBUTED") == "DISTRIBUTED"
			p.executionType(s, config)
			config.unsupported()
		}
		s.Processor = p.nested(inner)
	}
}

func (p *parser) executionType(s *State, config *fields) {
	const name = "ExecutionType"
	switch {
	case s.Distributed && !config.has(name):
		p.schema(config.here(), "The field '%s' is required where the Mode is 'DISTRIBUTED'", name)
	case !s.Distributed && config.has(name):
		config.known[name] = true
		p.schema(config.here(), "Field '%s' is only supported where the Mode is 'DISTRIBUTED'", name)
	case config.choice(name, "STANDARD", "EXPRESS") == "EXPRESS":
		p.schema(config.place(name), "ExecutionType 'EXPRESS' is not supported by this local Step Functions: use 'STANDARD'")
	}
}

// items reads which items there are and what each iteration gets of them.
func (p *parser) items(s *State, f *fields) {
	s.ItemsPath = f.path("ItemsPath", contextPath)
	f.oneOf(false, "ItemSelector", "Parameters")
	for _, name := range []string{"ItemSelector", "Parameters"} {
		if template := f.objectTemplate(name); template != nil {
			s.ItemSelector = template
		}
	}
}

// label checks Label, which becomes part of the Map Run's ARN.
func (p *parser) label(s *State, f *fields) {
	s.Label = f.filledText("Label")
	if utf8.RuneCountInString(s.Label) > maxLabel {
		p.schema(f.place("Label"), "Label cannot exceed %d characters", maxLabel)
	}
	wrong := func(r rune) bool {
		return unicode.IsSpace(r) || unicode.IsControl(r) || strings.ContainsRune(`?*<>{}[]:;,\|^~$#%&`+"`"+`"`, r)
	}
	if i := strings.IndexFunc(s.Label, wrong); i >= 0 {
		r, _ := utf8.DecodeRuneInString(s.Label[i:])
		p.schema(f.place("Label"), "Label contains invalid character: %q", r)
	}
}

func (p *parser) tolerance(s *State, f *fields) {
	f.oneOf(false, "ToleratedFailureCount", "ToleratedFailureCountPath")
	f.oneOf(false, "ToleratedFailurePercentage", "ToleratedFailurePercentagePath")
	s.ToleratedFailureCount = f.integer("ToleratedFailureCount", 0, math.MaxInt32)
	s.ToleratedFailurePercentage = f.float("ToleratedFailurePercentage", 0, 100)
	s.ToleratedFailureCountPath = f.path("ToleratedFailureCountPath", 0)
	s.ToleratedFailurePercentagePath = f.path("ToleratedFailurePercentagePath", 0)
}

// maxBatchBytes is the payload that an execution can have.
const maxBatchBytes = 262_144

func (p *parser) batcher(s *State, f *fields) {
	inner := f.child("ItemBatcher")
	if inner == nil {
		return
	}
	inner.oneOf(false, "MaxItemsPerBatch", "MaxItemsPerBatchPath")
	inner.oneOf(false, "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath")
	s.Batcher = &Batcher{
		BatchInput:    inner.objectTemplate("BatchInput"),
		MaxItems:      inner.integer("MaxItemsPerBatch", 1, math.MaxInt32),
		MaxInputBytes: inner.integer("MaxInputBytesPerBatch", 1, maxBatchBytes),
		MaxItemsPath:  inner.path("MaxItemsPerBatchPath", 0),
		MaxBytesPath:  inner.path("MaxInputBytesPerBatchPath", 0),
	}
	sizes := []string{"MaxItemsPerBatch", "MaxItemsPerBatchPath", "MaxInputBytesPerBatch", "MaxInputBytesPerBatchPath"}
	sized := false
	for _, name := range sizes {
		sized = sized || inner.has(name)
	}
	if !sized {
		p.schema(inner.here(), "One of the following fields is required: [%s]", strings.Join(sizes, ", "))
	}
	inner.unsupported()
}
