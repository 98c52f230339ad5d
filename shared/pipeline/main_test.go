package pipeline_test

import (
	"testing"

	"delfos/infra/local/postgres/postgrestest"
	"delfos/shared/pipeline"
)

func TestMain(m *testing.M) { postgrestest.Main(m) }

var ana = pipeline.Actor{Name: "ana", Via: "console"}
