package local

import (
	"os"
	"regexp"
	"testing"
)

func TestSAMBuildsWithTheTagsOfUp(t *testing.T) {
	t.Parallel()
	tags := regexp.MustCompile(`GOFLAGS='[^']*-tags=(\S+) [^']*'`)
	for _, file := range []string{"../../.ci/build-flags.sh", "../../README.md"} {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		found := tags.FindAllSubmatch(content, -1)
		if len(found) == 0 {
			t.Errorf("%s has no GOFLAGS with tags", file)
		}
		for _, flags := range found {
			if string(flags[1]) != functionTags {
				t.Errorf("%s has the tags %s; `up` builds with %s", file, flags[1], functionTags)
			}
		}
	}
}
