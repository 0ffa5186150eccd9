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

// accountID is the account in the function's ARN, taken from AWS's examples.
const accountID = "123456789012"

// initLimit is Lambda's limit on the init phase.
const initLimit = 10 * time.Second

// Options configure a function. Fields without a stated default are required. A Log shared by several functions must be safe for
// concurrent use.
type Options struct {
	Name           string            // of the function: 1 to 64 letters, digits, - and _
	Zip            string            // path of the deployment zip, with an executable bootstrap at its root
	Command        string            // instead of Zip: a shell command that speaks the Runtime API, run in the working directory
	Env            map[string]string // environment variables of the configuration; the process sees only these and Lambda's own
	Timeout        time.Duration     // of one invocation, at most 15 minutes; if zero, 3 s, as in Lambda
	MaxConcurrency int               // maximum number of environments; if zero, 10. Further callers wait, where Lambda would throttle them
	Log            io.Writer         // receives the function's output, one Write per line; if nil, it is discarded
	Region         string            // if empty, eu-west-1
	MemoryMB       int               // told to the function but not enforced; if zero, 128
}

// Errors of [Function.Invoke]. Errors of the function itself are in [Result].
var (
	ErrClosed          = errors.New("the function has been closed")
	ErrPayloadTooLarge = fmt.Errorf("the event is larger than %d bytes", maxPayload)
	ErrPayloadNotJSON  = errors.New("the event is not JSON")
)

// Result is the response of Lambda's Invoke API, with the data of its REPORT log line.
type Result struct {
	RequestID     string
	Payload       []byte        // the function's response, or {"errorType": ..., "errorMessage": ...}
	FunctionError string        // X-Amz-Function-Error: "Unhandled" if the function failed, else empty
	Duration      time.Duration // from sending the event to the response
	ColdStart     bool          // this invocation waited for a new environment
	InitDuration  time.Duration // the init phase of that environment; zero without a cold start
}

// Stats holds counts of a function so far.
type Stats struct {
	Invocations  int
	Errors       int           // invocations that ended in a function error
	ColdStarts   int           // environments started
	Environments int           // processes that are running
	CPU          time.Duration // of all processes so far; of running ones only on Linux
	PeakMemory   int64         // maximum resident bytes of one process, as of the last Stats or Close; 0 except on Linux
}

// Function is a running function. Its methods may be called concurrently.
type Function struct {
	options   Options
	dir       string // where the zip is unpacked
	log       *lineLog
	initLimit time.Duration
	slots     chan struct{} // semaphore of MaxConcurrency
	closing   chan struct{} // closed by Close
	pending   sync.WaitGroup

	mu     sync.Mutex
	closed bool
	live   map[*environment]struct{} // all processes
	idle   []*environment            // without work; the last one is used first
	stats  Stats
}

var namePattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// Start unpacks a zip. The first process starts with the first invocation. The error is [ErrZip], or names the invalid option.
// Callers must call [Function.Close].
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
		return nil, fmt.Errorf("function %s: timeout %v: it must be between 0 and 15 minutes", o.Name, o.Timeout)
	case o.MaxConcurrency < 0:
		return nil, fmt.Errorf("function %s: concurrency of %d: it must not be negative", o.Name, o.MaxConcurrency)
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

// ARN returns the function's ARN.
func (f *Function) ARN() string {
	return "arn:aws:lambda:" + f.options.Region + ":" + accountID + ":function:" + f.options.Name
}

// Invoke sends one event, which must be JSON, to the function and waits for its response. If the function fails, times out or ends,
// FunctionError is set in the Result. Invoke itself returns [ErrPayloadTooLarge], [ErrPayloadNotJSON] or [ErrClosed], or the
// error of ctx. When ctx ends, Invoke returns, but the invocation continues, as in Lambda.
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

// release makes an environment idle unless its process has ended.
func (f *Function) release(e *environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if _, ok := f.live[e]; ok {
		f.idle = append(f.idle, e)
	}
}

// finish counts an invocation and adds its outcome to the result. Failures during Close are not the function's, because Close kills
// the processes.
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

// environment returns the most recently used idle environment, or starts a new one. fresh reports which.
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
	// Started with the lock held, so that Close misses no process.
	if e, err = startEnvironment(f); err != nil {
		return nil, true, err
	}
	f.live[e] = struct{}{}
	return e, true, nil
}

// forget removes an environment whose process has ended.
func (f *Function) forget(e *environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if ended := e.cmd.ProcessState; ended != nil {
		f.stats.CPU += ended.UserTime() + ended.SystemTime()
	}
	delete(f.live, e)
	f.idle = slices.DeleteFunc(f.idle, func(other *environment) bool { return other == e })
}

// Stats returns the function's counts so far.
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

// Close ends all processes, waits until they are gone and their output is written, and deletes the unpacked files. Running
// invocations end with [ErrClosed]. Close may be called more than once.
func (f *Function) Close() error {
	f.Stats() // records the peak memory of the processes a last time
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

// newRequestID returns a random UUID (version 4).
func newRequestID() string {
	h := []byte(randomHex(16))
	h[12] = '4'
	h[16] = "89ab"[h[16]&3]
	return fmt.Sprintf("%s-%s-%s-%s-%s", h[:8], h[8:12], h[12:16], h[16:20], h[20:])
}
