package lambda

import "time"

// SetInitLimit shortens the init phase, whose 10 s no test can wait for.
func SetInitLimit(f *Function, d time.Duration) { f.initLimit = d }

// Dir is where a function's zip is unpacked.
func Dir(f *Function) string { return f.dir }
