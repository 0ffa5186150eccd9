package running

import "runtime"

// hasModes reports whether files have modes on this system.
const hasModes = runtime.GOOS != "windows"
