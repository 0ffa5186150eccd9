// Package lambda runs the bootstrap of a deployment zip on this machine as AWS Lambda's OS-only runtimes do: the process gets its
// invocations from a Runtime API and sends its responses there.
//
// [Start] unpacks the zip. [Function.Invoke] sends one event to an execution environment: a process with its own Runtime API on
// loopback. Environments are started on demand and reused, the most recently used first. [Function.Close] ends all processes
// and deletes the unpacked files.
//
// A function sees what Lambda documents: the environment variables, the headers of an invocation, its deadline, and the limits on
// time and size. Its caller gets the response of the Invoke API, with the same error types.
//
// Not supported:
//   - freezing processes between invocations, limits on memory and CPU, isolation from files and network
//   - START, END and REPORT log lines
//   - extensions, response streaming, asynchronous invocation, versions, aliases, concurrent invocations in one environment
//   - repeating an init phase that timed out within the first invocation
//   - protecting the Runtime API from other users of this machine: use it for development, without secrets
//
// It runs on Linux, macOS and Windows. Only on Linux do the processes end when this process is killed, and only there are their
// CPU time and peak memory known while they run.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
package lambda
