//go:build !race

package prove_test

const raceDetector = false
