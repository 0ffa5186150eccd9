package lambda

import "time"

// SetInitLimit sets the limit on the init phase, because 10 s are too long for a test.
func SetInitLimit(f *Function, d time.Duration) { f.initLimit = d }

// Dir returns the directory with the unpacked files.
func Dir(f *Function) string { return f.dir }
