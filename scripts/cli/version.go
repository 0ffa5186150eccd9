package cli

import "runtime/debug"

// version is set by the build of a release: -ldflags "-X …/scripts/cli.version=v1.2.3".
var version string

// Version returns the version of a release, or of the module if it was installed with go install; "devel" in a clone.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return info.Main.Version
	}
	return "devel"
}
