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
	payload []byte // the answer, or the error as JSON
	failed  bool   // payload is an error
}

// invocation is one event on its way through an environment.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	answer   chan outcome  // gets the first answer; buffered
	over     chan struct{} // closed when the process has asked for the next one
	answered bool          // guarded by environment.mu
}

// environment is one execution environment: a process, and the Runtime API that it alone is told of.
// It works on one invocation at a time.
type environment struct {
	function *Function
	cmd      *exec.Cmd
	api      *http.Server
	started  time.Time

	work       chan *invocation // to the process
	ready      chan struct{}    // closed when the process asks for its first invocation: the init phase is over
	initFailed chan outcome     // gets what the process says of a failed init phase; buffered
	gone       chan struct{}    // closed when the process has ended
	exit       error            // how it ended, nil for status 0; to be read after gone is closed

	mu      sync.Mutex
	current *invocation // what the process works on
	isReady bool
	reaped  bool // the process id may belong to somebody else
}

// startEnvironment starts a process. An error means that it could not be started at all.
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
	e.cmd.WaitDelay = time.Second // for a grandchild that holds on to the output
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

// run starts the process and stays until it has ended. It keeps its thread all the while: the kernel kills the
// process when the thread that started it ends, and Go would be free to end it.
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
	killGroup(e.cmd.Process.Pid) // what it has left behind in its group
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

// kill ends the process and all of its group, and does not wait for that.
func (e *environment) kill() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if !e.reaped {
		killGroup(e.cmd.Process.Pid)
	}
}

// awaitInit waits for the end of the init phase and says how it failed; nil if it did not. The process of a
// failed init phase has ended when it returns.
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
		case failure = <-e.initFailed: // it said why before it ended
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

// invoke hands one invocation to the process and waits for its answer, and then until the process either asks
// for the next one, which makes it reusable, or has ended. Waiting for that too lets a caller who calls in
// sequence always meet the same process. took is the time until the answer.
func (e *environment) invoke(inv *invocation) (result outcome, took time.Duration, reusable bool) {
	begin := time.Now()
	timer := time.NewTimer(time.Until(inv.deadline))
	defer timer.Stop()

	select {
	case e.work <- inv:
	case <-e.gone:
		return e.exitError(inv.id), time.Since(begin), false
	case <-timer.C: // it asked for work once and does so no more
		return e.timedOut(inv, begin), time.Since(begin), false
	}
	select {
	case result = <-inv.answer:
	case <-e.gone:
		select {
		case result = <-inv.answer: // a panic is reported, then the process ends
		default:
			result = e.exitError(inv.id)
		}
		return result, time.Since(begin), false
	case <-timer.C:
		return e.timedOut(inv, begin), time.Since(begin), false
	}
	took = time.Since(begin)
	select {
	case <-inv.over:
		return result, took, true
	case <-e.gone:
	case <-timer.C: // answered, but not done in time: the answer stands, the process goes
		e.kill()
		<-e.gone
	}
	return result, took, false
}

// timedOut ends the process and says so in Lambda's words. An answer that came at the last moment is lost.
func (e *environment) timedOut(inv *invocation, begin time.Time) outcome {
	e.kill()
	<-e.gone
	return failureOf("Sandbox.Timedout", "RequestId: %s Error: Task timed out after %.2f seconds", inv.id, inv.deadline.Sub(begin).Seconds())
}

// exitError says in Lambda's words that the process has ended by itself.
func (e *environment) exitError(id string) outcome {
	if e.exit == nil {
		return failureOf("Runtime.ExitError", "RequestId: %s Error: Runtime exited without providing a reason", id)
	}
	return failureOf("Runtime.ExitError", "RequestId: %s Error: Runtime exited with error: %v", id, e.exit)
}

// newLogStream makes up the name of a log stream in Lambda's form.
func newLogStream(at time.Time) string {
	return fmt.Sprintf("%s/[$LATEST]%s", at.UTC().Format("2006/01/02"), randomHex(16))
}
