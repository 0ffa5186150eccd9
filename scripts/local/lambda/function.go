package lambda

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"regexp"
	"slices"
	"sync"
	"time"
)

// accountID is the account that the function's ARN names, that of AWS's own examples.
const accountID = "123456789012"

// initLimit is how long Lambda lets an init phase take.
const initLimit = 10 * time.Second

// Options say what to run and how. A field without a stated default is required. A Log that several functions
// share must be safe for concurrent use.
type Options struct {
	Name           string            // of the function: 1 to 64 letters, digits, - and _
	Zip            string            // path of the deployment zip, with an executable file bootstrap at its root
	Command        string            // instead of Zip: a shell command that speaks the Runtime API, run in the working directory
	Env            map[string]string // the configuration's environment variables; the process sees no other but Lambda's own
	Timeout        time.Duration     // for one invocation; if zero, 3 s, as in Lambda; at most 15 minutes
	MaxConcurrency int               // environments at most; if zero, 10. A caller beyond that waits; Lambda would throttle it
	Log            io.Writer         // gets what the function prints, one Write a line; if nil, it is dropped
	Region         string            // if empty, eu-west-1
	MemoryMB       int               // what the function is told; nothing enforces it. If zero, 128
}

// Errors of [Function.Invoke]. What goes wrong inside the function is not among them: see [Result].
var (
	ErrClosed          = errors.New("the function has been closed")
	ErrPayloadTooLarge = fmt.Errorf("the event is over %d bytes", maxPayload)
	ErrPayloadNotJSON  = errors.New("the event is not JSON")
)

// Result is what Lambda's Invoke API answers, and what its log would report.
type Result struct {
	RequestID     string
	Payload       []byte        // what the function answered, or {"errorType": ..., "errorMessage": ...}
	FunctionError string        // "Unhandled" when the function failed, as X-Amz-Function-Error; empty when it did not
	Duration      time.Duration // from handing the event over to the answer
	ColdStart     bool          // this invocation had to wait for a new environment
	InitDuration  time.Duration // the init phase of that environment; zero without a cold start
}

// Stats count what a function has done so far.
type Stats struct {
	Invocations  int
	Errors       int           // invocations that ended in a function error
	ColdStarts   int           // environments started
	Environments int           // processes that run now
	CPU          time.Duration // of all processes so far, those that have ended included; of running ones on Linux alone
	PeakMemory   int64         // the most bytes that one process had resident when Stats or Close last looked; 0 but on Linux
}

// Function is a running function. Its methods may be called at the same time.
type Function struct {
	options   Options
	dir       string // where the zip is unpacked
	log       *lineLog
	initLimit time.Duration
	slots     chan struct{} // one taken per invocation under way
	closing   chan struct{} // closed by Close
	pending   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	live   map[*environment]struct{} // all processes
	idle   []*environment            // those without work; the last one is used first
	stats  Stats
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Start unpacks a zip and gets ready to run it; the first process starts with the first invocation. The error
// is [ErrZip], or names the option that is wrong. End the function by [Function.Close].
func Start(o Options) (*Function, error) {
	o.Timeout = cmp.Or(o.Timeout, 3*time.Second)
	o.MaxConcurrency = cmp.Or(o.MaxConcurrency, 10)
	o.Region = cmp.Or(o.Region, "eu-west-1")
	o.MemoryMB = cmp.Or(o.MemoryMB, 128)
	o.Env = maps.Clone(o.Env)
	if o.Log == nil {
		o.Log = io.Discard
	}
	switch {
	case !namePattern.MatchString(o.Name):
		return nil, fmt.Errorf("function name %q: it must be 1 to 64 letters, digits, - and _", o.Name)
	case o.Timeout < 0 || o.Timeout > 15*time.Minute:
		return nil, fmt.Errorf("function %s: timeout %v is not between 0 and 15 minutes", o.Name, o.Timeout)
	case o.MaxConcurrency < 0:
		return nil, fmt.Errorf("function %s: a concurrency of %d is not possible", o.Name, o.MaxConcurrency)
	}
	if err := checkVariables(o.Env); err != nil {
		return nil, fmt.Errorf("function %s: %w", o.Name, err)
	}
	dir, err := os.MkdirTemp("", "lambda-"+o.Name+"-")
	if err != nil {
		return nil, err
	}
	if o.Command == "" {
		err = unpack(o.Zip, dir)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("function %s: %w", o.Name, err), os.RemoveAll(dir))
	}
	return &Function{
		options: o, dir: dir, log: &lineLog{to: o.Log}, initLimit: initLimit,
		slots: make(chan struct{}, o.MaxConcurrency), closing: make(chan struct{}), live: map[*environment]struct{}{},
	}, nil
}

// ARN is the function's name for the rest of AWS, and for the function itself.
func (f *Function) ARN() string {
	return "arn:aws:lambda:" + f.options.Region + ":" + accountID + ":function:" + f.options.Name
}

// Invoke hands one event, JSON, to the function and waits for its answer. A failure of the function, its
// time-out and its end included, is a Result with FunctionError set. The error is for what Lambda itself would
// refuse: [ErrPayloadTooLarge], [ErrPayloadNotJSON], [ErrClosed]; or it is that of ctx. When ctx ends, the caller
// is let go; the invocation goes on to its end, as it does in Lambda.
func (f *Function) Invoke(ctx context.Context, payload []byte) (Result, error) {
	if len(payload) > maxPayload {
		return Result{}, ErrPayloadTooLarge
	}
	if !json.Valid(payload) {
		return Result{}, ErrPayloadNotJSON
	}
	select {
	case f.slots <- struct{}{}:
	case <-ctx.Done():
		return Result{}, context.Cause(ctx)
	case <-f.closing:
		return Result{}, ErrClosed
	}
	f.mu.Lock()
	closed := f.closed
	if !closed {
		f.pending.Add(1)
	}
	f.mu.Unlock()
	if closed {
		<-f.slots
		return Result{}, ErrClosed
	}
	type reply struct {
		result Result
		err    error
	}
	done := make(chan reply, 1)
	go func() {
		defer f.pending.Done()
		result, err := f.invoke(payload)
		<-f.slots
		done <- reply{result, err}
	}()
	select {
	case r := <-done:
		return r.result, r.err
	case <-ctx.Done():
		return Result{}, context.Cause(ctx)
	}
}

// invoke runs one invocation, in an idle environment or a new one.
func (f *Function) invoke(payload []byte) (Result, error) {
	result := Result{RequestID: newRequestID()}
	e, fresh, err := f.environment()
	if errors.Is(err, ErrClosed) {
		return Result{}, err
	}
	if err != nil { // such as a bootstrap built for another architecture
		return f.finish(result, failureOf("Runtime.InvalidEntrypoint", "RequestId: %s Error: %v", result.RequestID, err))
	}
	if fresh {
		result.ColdStart = true
		failure := e.awaitInit(result.RequestID, f.initLimit)
		result.InitDuration = time.Since(e.started)
		if failure != nil {
			return f.finish(result, *failure)
		}
	}
	inv := &invocation{
		id: result.RequestID, payload: payload, deadline: time.Now().Add(f.options.Timeout),
		answer: make(chan outcome, 1), over: make(chan struct{}),
	}
	answer, took, reusable := e.invoke(inv)
	result.Duration = took
	if reusable {
		f.release(e)
	}
	return f.finish(result, answer)
}

// release makes an environment idle, unless its process has ended in the meantime.
func (f *Function) release(e *environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.live[e]; ok {
		f.idle = append(f.idle, e)
	}
}

// finish counts an invocation and puts its outcome into the result. While closing, processes are killed, and
// what an invocation then seems to have come to is not the function's doing.
func (f *Function) finish(result Result, answer outcome) (Result, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.stats.Invocations++
	result.Payload = answer.payload
	if answer.failed {
		if f.closed {
			return Result{}, ErrClosed
		}
		f.stats.Errors++
		result.FunctionError = "Unhandled"
	}
	return result, nil
}

// environment takes the environment that was used last, or starts one. There are never more than slots.
func (f *Function) environment() (e *environment, fresh bool, err error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, false, ErrClosed
	}
	if last := len(f.idle) - 1; last >= 0 {
		e, f.idle = f.idle[last], f.idle[:last]
		return e, false, nil
	}
	f.stats.ColdStarts++
	// Started under the lock, so that Close misses no process.
	if e, err = startEnvironment(f); err != nil {
		return nil, true, err
	}
	f.live[e] = struct{}{}
	return e, true, nil
}

// forget strikes out an environment whose process has ended.
func (f *Function) forget(e *environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ended := e.cmd.ProcessState; ended != nil {
		f.stats.CPU += ended.UserTime() + ended.SystemTime()
	}
	delete(f.live, e)
	f.idle = slices.DeleteFunc(f.idle, func(other *environment) bool { return other == e })
}

// Stats counts what the function has done so far.
func (f *Function) Stats() Stats {
	f.mu.Lock()
	defer f.mu.Unlock()
	for e := range f.live {
		f.stats.PeakMemory = max(f.stats.PeakMemory, peakMemory(e.cmd.Process.Pid))
	}
	s := f.stats
	for e := range f.live {
		s.CPU += cpuTime(e.cmd.Process.Pid)
	}
	s.Environments = len(f.live)
	return s
}

// Close ends every process, waits until all are gone and all they printed is written, and removes what was
// unpacked. Invocations under way end in [ErrClosed]. It may be called more than once.
func (f *Function) Close() error {
	f.Stats() // the last look at the memory of the processes
	f.mu.Lock()
	if !f.closed {
		f.closed = true
		close(f.closing)
	}
	ending := slices.Collect(maps.Keys(f.live))
	f.mu.Unlock()
	for _, e := range ending {
		e.kill()
	}
	for _, e := range ending {
		<-e.gone
	}
	f.pending.Wait()
	return os.RemoveAll(f.dir)
}

// newRequestID makes up a version 4 UUID.
func newRequestID() string {
	h := []byte(randomHex(16))
	h[12] = '4'
	h[16] = "89ab"[h[16]&3]
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}
