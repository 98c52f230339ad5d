package site

import (
	"regexp"
	"slices"
	"testing"

	"delfos/shared/bearer"
)

var imported = regexp.MustCompile(`(?m)^(?:import|export) .*"\./([a-z]+\.js)";$`)

func TestTheCoreModulesImportEachOtherAndNothingElse(t *testing.T) {
	t.Parallel()
	s := New(Options{Secret: bearer.Fixed("secret")})
	for _, name := range append([]string{"site.js"}, coreModules...) {
		file, ok := s.assets.files[name]
		if !ok {
			t.Fatalf("there is no %s", name)
		}
		for _, found := range imported.FindAllSubmatch(file.content, -1) {
			if !slices.Contains(coreModules, string(found[1])) {
				t.Errorf("%s imports %s, which is not preloaded", name, found[1])
			}
		}
	}
}
