package command

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"delfos/infra/local"
)

func TestADetachedStackSaysWhereEverythingIsAndWhatStopsIt(t *testing.T) {
	t.Parallel()
	stack := local.Descriptor{PID: 7, ConsoleURL: "http://c:3000", APIURL: "http://a:8000", AWSEndpointURL: "http://e:4566"}
	for name, test := range map[string]struct {
		environment map[string]string
		dir, stop   string
	}{
		"in a clone":            {nil, ".delfos", "go run ./infra/delfos down"},
		"in a container":        {map[string]string{"DELFOS_COMMAND": "docker compose exec stack delfos"}, ".delfos", "docker compose exec stack delfos down"},
		"on another directory":  {nil, "my dir", "go run ./infra/delfos down --data-dir 'my dir'"},
		"beside a stack on AWS": {map[string]string{"DELFOS_STACK": "prod"}, ".delfos", "go run ./infra/delfos down --data-dir .delfos"},
	} {
		var out bytes.Buffer
		terminal := Terminal{Stdout: &out, Getenv: func(name string) string { return test.environment[name] }}
		if err := announce(terminal, common{where: where{dataDir: test.dir}}, stack, "up.log"); err != nil {
			t.Fatal(err)
		}
		want := strings.TrimPrefix(`
The stack is running (process 7); its output is in up.log.
Stop it with §.

  Console       http://c:3000
  Source API    http://a:8000/docs
  AWS endpoint  http://e:4566   (aws --endpoint-url http://e:4566 …)
  Addresses, passwords and the API's token are in DIR/stack.json
`, "\n")
		want = strings.NewReplacer("§", "`"+test.stop+"`", "DIR", test.dir).Replace(want)
		if diff := cmp.Diff(want, out.String()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
