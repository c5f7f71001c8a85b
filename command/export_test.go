package command

import "runtime"

// WaitQueued returns when so many commands wait in the writer's queues.
func (w *Writer) WaitQueued(commands int) {
	for {
		queued := 0
		for _, l := range w.loops {
			queued += len(l.queue)
		}
		if queued >= commands {
			return
		}
		runtime.Gosched()
	}
}

// StartSpan begins a span as the handlers do.
var StartSpan = startSpan
