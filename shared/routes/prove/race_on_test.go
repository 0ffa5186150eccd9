//go:build race

package prove_test

// raceDetector says that the tests run about ten times slower than without it.
const raceDetector = true
