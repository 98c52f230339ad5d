package lambda

import (
	"maps"
	"slices"
	"strconv"
	"strings"
)

// ownCredentials are reserved on AWS, where the execution role gives them.
var ownCredentials = map[string]string{
	"AWS_ACCESS_KEY_ID":     "local",
	"AWS_SECRET_ACCESS_KEY": "local",
	"AWS_SESSION_TOKEN":     "local",
}

// reserved are names that only Lambda may set (Lambda Developer Guide, "Defined
// runtime environment variables").
var reserved = []string{
	"_HANDLER", "_X_AMZN_TRACE_ID", "AWS_DEFAULT_REGION", "AWS_REGION", "AWS_EXECUTION_ENV",
	"LAMBDA_TASK_ROOT", "LAMBDA_RUNTIME_DIR",
}

func isReserved(name string) bool {
	return slices.Contains(reserved, name) || strings.HasPrefix(name, "AWS_LAMBDA_")
}

// environment is what a function's process sees: what Lambda sets and the
// function's own, and nothing of this process's.
func (s *Service) environment(fn *function, runtimeAPI, logStream string) []string {
	variables := map[string]string{
		"AWS_LAMBDA_RUNTIME_API":          runtimeAPI,
		"AWS_LAMBDA_FUNCTION_NAME":        fn.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     version,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(fn.MemoryMB),
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       fn.LogGroup,
		"AWS_LAMBDA_LOG_STREAM_NAME":      logStream,
		"AWS_LAMBDA_LOG_FORMAT":           "JSON",
		"AWS_LAMBDA_LOG_LEVEL":            "INFO",
		"AWS_REGION":                      s.options.Region,
		"AWS_DEFAULT_REGION":              s.options.Region,
		"LAMBDA_TASK_ROOT":                fn.Dir,
		"_HANDLER":                        handler,
		"TZ":                              ":UTC",
		"LANG":                            "en_US.UTF-8",
		"PATH":                            "/usr/local/bin:/usr/bin:/bin:/opt/bin",
	}
	maps.Copy(variables, ownCredentials)
	maps.Copy(variables, fn.Environment)
	list := make([]string, 0, len(variables))
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		list = append(list, name+"="+variables[name])
	}
	return list
}
