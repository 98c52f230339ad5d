// Package runlog reads the log of a Lambda function's sandbox: which lines are one
// invocation's, and what they say.
package runlog

import "time"

// Kind is what wrote a line.
type Kind string

// The kinds.
const (
	Application Kind = "application" // a record of the function's logger
	Platform    Kind = "platform"    // Lambda's own: start, report
	Text        Kind = "text"        // anything else, such as a panic's
)

// Line is one line of a log.
type Line struct {
	At      time.Time // UTC
	Kind    Kind
	Level   string  // "INFO", "WARN", "ERROR", "DEBUG"; empty but for Application
	Message string  // of Platform, its type ("platform.report"); of Text, the line
	Fields  []Field // by name
	Raw     string  // the line as it is, without its end
}

// Field is one attribute of a line.
type Field struct {
	Name, Value string // a value that is no text is JSON
}
