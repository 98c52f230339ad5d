package local

import (
	"os"
	"regexp"
	"testing"
)

func TestSAMBuildsWithTheTagsOfUp(t *testing.T) {
	t.Parallel()
	tags := regexp.MustCompile(`GOFLAGS='[^']*-tags=(\S+) [^']*'`)
	const file = "../../.ci/build-flags.sh"
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	found := tags.FindStringSubmatch(string(content))
	if len(found) != 2 || found[1] != functionTags {
		t.Errorf("%s has the tags %q; `up` builds with %s", file, found, functionTags)
	}
}
