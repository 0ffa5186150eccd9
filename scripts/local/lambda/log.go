package lambda

import (
	"bytes"
	"io"
	"sync"
)

// maxLine is the longest line that is kept in one piece, as in CloudWatch Logs.
const maxLine = 256 << 10

// lineLog writes whole lines of several sources to one writer, one Write a line, never two at a time.
type lineLog struct {
	mu sync.Mutex
	to io.Writer
}

// source returns a writer for one stream of output. It is for one goroutine.
func (l *lineLog) source() *lineWriter { return &lineWriter{log: l} }

func (l *lineLog) write(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.to.Write(line) // a log that cannot be written must not stop the function
}

// lineWriter holds back what is not a whole line yet.
type lineWriter struct {
	log  *lineLog
	part []byte
}

// Write never fails: an error here would break the function's output.
func (w *lineWriter) Write(p []byte) (int, error) {
	w.part = append(w.part, p...)
	for {
		end := bytes.IndexByte(w.part, '\n') + 1
		if end == 0 && len(w.part) >= maxLine {
			w.flush()
		}
		if end == 0 {
			return len(p), nil
		}
		w.log.write(w.part[:end])
		w.part = w.part[end:]
	}
}

// flush writes what is left of a source that has ended in the middle of a line.
func (w *lineWriter) flush() {
	if len(w.part) > 0 {
		w.log.write(append(w.part, '\n'))
	}
	w.part = nil
}
