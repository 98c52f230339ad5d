package logs

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// maxFileName is the longest file name, in bytes, that every file system in use takes.
const maxFileName = 255

var (
	groupName  = regexp.MustCompile(`^[.\-_/#A-Za-z0-9]{1,512}$`) // CloudWatch Logs API Reference, CreateLogGroup
	streamName = regexp.MustCompile(`^[^:*]{1,512}$`)             // CloudWatch Logs API Reference, CreateLogStream
)

// checkNames refuses names that CloudWatch Logs would refuse, and those whose
// file name would be too long.
func checkNames(group, stream string) error {
	if !groupName.MatchString(group) {
		return fmt.Errorf("log group name %q: want 1 to 512 of a-z A-Z 0-9 . - _ / #", group)
	}
	if !streamName.MatchString(stream) {
		return fmt.Errorf("log stream name %q: want 1 to 512 characters without : and *", stream)
	}
	for _, name := range []string{fileName(group), fileName(stream) + streamSuffix} {
		if len(name) > maxFileName {
			return fmt.Errorf("log name %q is too long for a file name: %d bytes escaped, at most %d", name, len(name), maxFileName)
		}
	}
	return nil
}

// fileName writes a group's or stream's name so that it is a file name of its
// own: no separators, and never "." or "..".
func fileName(name string) string {
	escaped := url.PathEscape(name)
	if strings.HasPrefix(escaped, ".") {
		escaped = "%2E" + escaped[1:]
	}
	return escaped
}

// nameOf is the inverse of fileName; false for a file that is not ours.
func nameOf(file string) (string, bool) {
	name, err := url.PathUnescape(file)
	return name, err == nil && fileName(name) == file
}
