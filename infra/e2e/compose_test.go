package e2e

import (
	"os"
	"testing"
)

// TestTheTargetOfADeploymentEqualsTheOracle looks at databases that something else
// has started and filled, as .ci/docker.sh does: the ten days of the example.
func TestTheTargetOfADeploymentEqualsTheOracle(t *testing.T) {
	t.Parallel()
	source, published := os.Getenv("DELFOS_E2E_SOURCE_DSN"), os.Getenv("DELFOS_E2E_TARGET_DSN")
	if source == "" || published == "" {
		t.Skip("DELFOS_E2E_SOURCE_DSN and DELFOS_E2E_TARGET_DSN name no databases")
	}
	start, _ := day("2026-02-20")
	end := start.AddDate(0, 0, 10)
	want := oracle(t, source, start, end)
	if len(want) != 10*1152 {
		t.Errorf("the source makes %d rows, want %d", len(want), 10*1152)
	}
	compare(t, target(t, published, start, end), want)
	t.Logf("%d rows", len(want))
}
