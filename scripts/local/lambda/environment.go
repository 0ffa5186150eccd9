package lambda

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
	"time"

	"github.com/cognito-authorizer/cognito-authorizer/scripts/local/ownhost"
)

// outcome is how an invocation, or an init phase, ended.
type outcome struct {
	payload []byte // the response, or the error as JSON
	failed  bool   // payload is an error
}

// invocation is one event that an environment processes.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	answer   chan outcome  // receives the response; buffered
	over     chan struct{} // closed when the process asks for the next invocation
	answered bool          // guarded by environment.mu
}

// environment is an execution environment: a process and its Runtime API. It processes one invocation at a time.
type environment struct {
	function *Function
	cmd      *exec.Cmd
	api      *http.Server
	started  time.Time

	work       chan *invocation // to the process
	ready      chan struct{}    // closed when the process asks for its first invocation, which ends the init phase
	initFailed chan outcome     // receives the init error that the process reports; buffered
	gone       chan struct{}    // closed when the process has ended
	exit       error            // how the process ended, nil for status 0; valid once gone is closed

	mu      sync.Mutex
	current *invocation // being processed
	isReady bool
	reaped  bool // the process ID may have been reused
}

// startEnvironment starts a process. It only fails if the process cannot be started.
func startEnvironment(f *Function) (*environment, error) {
	e := &environment{
		function: f, started: time.Now(),
		work: make(chan *invocation), ready: make(chan struct{}), initFailed: make(chan outcome, 1), gone: make(chan struct{}),
	}
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	e.api = &http.Server{Handler: ownhost.Only(listener.Addr(), e.runtimeAPI()), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = e.api.Serve(listener) }() // ends by Close

	if f.options.Command == "" {
		e.cmd = exec.CommandContext(context.Background(), filepath.Join(f.dir, program)) // it outlives the invocation; kill ends it
		e.cmd.Dir = f.dir
	} else {
		e.cmd = shell(f.options.Command)
	}
	e.cmd.Env = f.variables(listener.Addr().String(), newLogStream(e.started))
	e.cmd.SysProcAttr = childAttributes()
	e.cmd.WaitDelay = time.Second // for grandchildren that keep the output open
	stdout, stderr := f.log.source(), f.log.source()
	e.cmd.Stdout, e.cmd.Stderr = stdout, stderr

	running := make(chan error)
	go e.run(running, stdout, stderr)
	if err := <-running; err != nil {
		_ = e.api.Close()
		return nil, err
	}
	return e, nil
}

// run starts the process and waits until it has ended. It locks its OS thread, because the kernel kills the process when the
// thread that started it ends (Pdeathsig), and Go may end idle threads.
func (e *environment) run(running chan<- error, output ...*lineWriter) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := e.cmd.Start()
	running <- err
	if err != nil {
		return
	}
	err = e.cmd.Wait()
	e.mu.Lock()
	e.reaped = true
	e.mu.Unlock()
	killGroup(e.cmd.Process.Pid) // processes that it started and left running
	for _, w := range output {
		w.flush()
	}
	_ = e.api.Close()
	if !errors.Is(err, exec.ErrWaitDelay) {
		e.exit = err
	}
	e.function.forget(e)
	close(e.gone)
}

// kill ends the process and its group without waiting.
func (e *environment) kill() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.reaped {
		killGroup(e.cmd.Process.Pid)
	}
}

// awaitInit waits for the end of the init phase. It returns nil if that succeeded, and otherwise the error, after the process has
// ended.
func (e *environment) awaitInit(id string, limit time.Duration) *outcome {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	failure := outcome{}
	select {
	case <-e.ready:
		return nil
	case failure = <-e.initFailed:
	case <-e.gone:
		select {
		case failure = <-e.initFailed: // the process reported an error before it ended
		default:
			failure = e.exitError(id)
		}
	case <-timer.C:
		failure = failureOf("Sandbox.Timedout", "RequestId: %s Error: Init timed out after %.2f seconds", id, limit.Seconds())
	}
	e.kill()
	<-e.gone
	return &failure
}

// invoke sends one invocation to the process and waits for the response, and then until the process asks for the next invocation,
// which makes it reusable, or ends. Because of that second wait, sequential calls always use the same process. took is the
// time until the response.
func (e *environment) invoke(inv *invocation) (result outcome, took time.Duration, reusable bool) {
	start := time.Now()
	timer := time.NewTimer(time.Until(inv.deadline))
	defer timer.Stop()

	select {
	case e.work <- inv:
	case <-e.gone:
		return e.exitError(inv.id), time.Since(start), false
	case <-timer.C: // the process asked for work earlier but does not read it
		return e.timedOut(inv, start), time.Since(start), false
	}
	select {
	case result = <-inv.answer:
	case <-e.gone:
		select {
		case result = <-inv.answer: // a panic is reported before the process ends
		default:
			result = e.exitError(inv.id)
		}
		return result, time.Since(start), false
	case <-timer.C:
		return e.timedOut(inv, start), time.Since(start), false
	}
	took = time.Since(start)
	select {
	case <-inv.over:
		return result, took, true
	case <-e.gone:
	case <-timer.C: // the response is valid, but the process did not finish in time
		e.kill()
		<-e.gone
	}
	return result, took, false
}

// timedOut ends the process and returns Lambda's error for a timeout. A response that arrives at the same moment is lost.
func (e *environment) timedOut(inv *invocation, start time.Time) outcome {
	e.kill()
	<-e.gone
	return failureOf("Sandbox.Timedout", "RequestId: %s Error: Task timed out after %.2f seconds", inv.id, inv.deadline.Sub(start).Seconds())
}

// exitError returns Lambda's error for a process that ended by itself.
func (e *environment) exitError(id string) outcome {
	if e.exit == nil {
		return failureOf("Runtime.ExitError", "RequestId: %s Error: Runtime exited without providing a reason", id)
	}
	return failureOf("Runtime.ExitError", "RequestId: %s Error: Runtime exited with error: %v", id, e.exit)
}

// newLogStream returns a new log stream name in Lambda's form.
func newLogStream(at time.Time) string {
	return fmt.Sprintf("%s/[$LATEST]%s", at.UTC().Format("2006/01/02"), randomHex(16))
}
