// Package lambda runs the bootstrap of a deployment zip on this machine, as AWS Lambda's OS-only runtimes do:
// the process asks a Runtime API for work and answers there.
//
// [Start] unpacks the zip. [Function.Invoke] hands one event to an execution environment: a process with a
// Runtime API of its own on loopback, started on demand and used again afterwards, the last one used first.
// [Function.Close] ends every process and removes what was unpacked.
//
// What a function sees is what Lambda documents: the environment variables, the headers of an invocation, its
// deadline, the limits on time and size. What its caller sees is the Invoke API's answer, with the same error
// types.
//
// What it does not do:
//   - freeze a process between invocations, limit its memory or CPU, or keep it away from files and network
//   - send START, END and REPORT lines to the log
//   - extensions, response streaming, asynchronous invocation, versions, aliases, several invocations at once
//     in one environment
//   - run an init phase that took too long once more inside the first invocation
//   - hide the Runtime API from other users of this machine: it is for development, with nothing secret in it
//
// It runs on Linux and macOS. Only Linux ends the processes when this one is killed, and only Linux tells
// their peak memory.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html and
// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html
package lambda
