package lambda

import (
	"bytes"
	"io"
	"sync"
)

// maxLine is the length in bytes after which a line is split, as in CloudWatch Logs.
const maxLine = 256 << 10

// lineLog writes the lines of several sources to one writer: one Write per line, never concurrently.
type lineLog struct {
	mu sync.Mutex
	to io.Writer
}

// source returns a writer for one stream of output. It must not be used concurrently.
func (l *lineLog) source() *lineWriter { return &lineWriter{log: l} }

func (l *lineLog) write(line []byte) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.to.Write(line) // a failing log must not stop the function
}

// lineWriter buffers incomplete lines.
type lineWriter struct {
	log  *lineLog
	part []byte
}

// Write never fails, because an error would close the function's output.
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

// flush writes an incomplete last line.
func (w *lineWriter) flush() {
	if len(w.part) > 0 {
		w.log.write(append(w.part, '\n'))
	}
	w.part = nil
}
