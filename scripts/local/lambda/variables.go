package lambda

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
)

// variables returns the environment of a process: the variables that Lambda sets and those of the function's configuration. This
// process's own environment is only passed on to Options.Command, which is a program of this machine.
//
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func (f *Function) variables(runtimeAPI, logStream string) []string {
	all := map[string]string{ // defaults that the configuration may change
		"LANG": "en_US.UTF-8",
		"PATH": "/usr/local/bin:/usr/bin/:/bin:/opt/bin",
		"TZ":   ":UTC",
	}
	taskRoot := f.dir
	if f.options.Command != "" {
		if working, err := os.Getwd(); err == nil {
			taskRoot = working
		}
		for _, variable := range os.Environ() {
			name, value, _ := strings.Cut(variable, "=")
			all[name] = value
		}
		all["PATH"] = os.Getenv("PATH")
	}
	maps.Copy(all, f.options.Env)
	maps.Copy(all, map[string]string{
		"AWS_DEFAULT_REGION":              f.options.Region,
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": strconv.Itoa(f.options.MemoryMB),
		"AWS_LAMBDA_FUNCTION_NAME":        f.options.Name,
		"AWS_LAMBDA_FUNCTION_VERSION":     "$LATEST",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + f.options.Name,
		"AWS_LAMBDA_LOG_STREAM_NAME":      logStream,
		"AWS_LAMBDA_RUNTIME_API":          runtimeAPI,
		"AWS_REGION":                      f.options.Region,
		"LAMBDA_TASK_ROOT":                taskRoot,
		"_HANDLER":                        "bootstrap",
	})
	if root := os.Getenv("SYSTEMROOT"); root != "" { // on Windows, programs need it to use the network
		all["SYSTEMROOT"] = root
	}
	list := make([]string, 0, len(all))
	for name, value := range all {
		list = append(list, name+"="+value)
	}
	slices.Sort(list)
	return list
}

// checkVariables returns an error for variables that Lambda does not allow in a function's configuration because it sets them itself.
// Credentials and the log settings are allowed here, because Lambda sets them from other parts of the configuration.
func checkVariables(env map[string]string) error {
	reserved := []string{"AWS_DEFAULT_REGION", "AWS_REGION", "LAMBDA_TASK_ROOT", "_HANDLER"}
	settable := []string{"AWS_LAMBDA_LOG_FORMAT", "AWS_LAMBDA_LOG_LEVEL"}
	for name, value := range env {
		switch {
		case name == "" || strings.ContainsAny(name, "=\x00") || strings.Contains(value, "\x00"):
			return fmt.Errorf("environment variable %q: a name must not be empty or contain =, and neither name nor value may contain NUL", name)
		case slices.Contains(settable, name):
		case slices.Contains(reserved, name) || strings.HasPrefix(name, "AWS_LAMBDA_"):
			return fmt.Errorf("environment variable %s: remove it, Lambda sets it", name)
		}
	}
	return nil
}
