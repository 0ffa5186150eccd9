package applytest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"testing"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/bundle"
)

// zips is the folder with both zips, built once for this machine's processor.
var zips string

func TestMain(m *testing.M) {
	if os.Getenv("APPLYTEST") == "" {
		fmt.Println("applytest: nothing is deployed unless APPLYTEST=1 is set: make test-apply")
		os.Exit(0)
	}
	os.Exit(run(m))
}

func run(m *testing.M) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	for _, tool := range []string{"terraform", "moto_server"} {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Fprintf(os.Stderr, "applytest: %s is not installed\n", tool)
			return 1
		}
	}
	folder, err := os.MkdirTemp("", "applytest-")
	if err == nil {
		defer os.RemoveAll(folder)
		zips = folder
		var job bundle.Job
		if job, err = bundle.Sample(root, zips, bundle.Lambda(runtime.GOARCH)); err == nil {
			_, err = job.Build(ctx)
		}
	}
	var installed string
	if err == nil {
		installed, err = os.MkdirTemp("", "applytest-provider-")
	}
	if err == nil {
		defer os.RemoveAll(installed)
		providerFile, err = fetchProvider(ctx, installed)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "applytest:", err)
		return 1
	}
	return m.Run()
}

// timeStep logs how long a step takes: timeStep(t, "apply")().
func timeStep(t *testing.T, step string) func() {
	begin := time.Now()
	return func() { t.Logf("%-12s %5.1f s", step, time.Since(begin).Seconds()) }
}

// deploy applies the configuration and returns its outputs.
func (tf *configuration) deploy(t *testing.T) map[string]string {
	t.Helper()
	done := timeStep(t, "apply")
	outputs := tf.apply(t)
	done()
	t.Logf("%d resources and data sources", tf.resources(t))
	return outputs
}

// expectNoChanges fails if a second plan changes anything outside gaps.
func (tf *configuration) expectNoChanges(t *testing.T) {
	t.Helper()
	defer timeStep(t, "second plan")()
	for _, change := range tf.changes(t) {
		if reason := gapFor(change); reason == "" {
			t.Errorf("a second plan would change %s", change)
		} else {
			t.Logf("a second plan would change %s: %s", change, reason)
		}
	}
}

// destroy destroys everything and fails if anything is left.
func (tf *configuration) destroy(t *testing.T, c *cloud) {
	t.Helper()
	defer timeStep(t, "destroy")()
	tf.run(t, "destroy", "-auto-approve", "-refresh=false") // the state is as the second plan left it
	tf.expectNothing(t, c)
}

// expectNothing fails if anything is left in the state or in the cloud.
func (tf *configuration) expectNothing(t *testing.T, c *cloud) {
	t.Helper()
	if left := tf.resources(t); left > 0 {
		t.Errorf("%d resources are left in the state", left)
	}
	for _, region := range []string{region, otherRegion} {
		for kind, names := range listResources(t, c, region) {
			if len(names) > 0 {
				t.Errorf("%s left in %s after destroy: %v", kind, region, names)
			}
		}
	}
}
