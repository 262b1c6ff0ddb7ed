package main

import (
	"fmt"
)

// execute answers an execute_request.
func (n *notebook) execute(r msgReceipt, content map[string]any) {
	code := text(content, "code")
	silent := flagOf(content, "silent", false)
	if !silent && flagOf(content, "store_history", true) {
		ExecCounter++
	}
	count := ExecCounter
	if !silent {
		publish(r.PublishExecutionInput(count, code))
	}
	var out outcome
	if r.Msg.Metadata[notUTF8] != nil {
		out.fail = &failure{name: "InputError", message: "the cell is not UTF-8"}
	} else {
		out, _ = n.run(fmt.Sprintf("In[%d]", count), code)
	}
	n.out.flush()
	if !silent && flagOf(content, "store_history", true) {
		n.remember(count, code, out)
	}
	if !silent {
		n.showValues(r, count, out)
	}
	answer := map[string]any{"execution_count": count, "status": "ok", "user_expressions": map[string]any{}, "payload": []any{}}
	if f := out.fail; f != nil {
		trace := n.traceback(f)
		publish(r.Publish("error", map[string]any{"ename": f.name, "evalue": f.evalue(), "traceback": trace}))
		answer = map[string]any{"status": "error", "ename": f.name, "evalue": f.evalue(), "traceback": trace}
	}
	// Taken before the reply: what a front end sends in answer to it is to run.
	var waiting []msgReceipt
	if out.fail != nil && flagOf(content, "stop_on_error", true) {
		waiting = n.shell.takeExecutes()
	}
	reply(r, "execute_reply", answer)
	n.abort(waiting)
}

// abort declines the cells that were sent behind one that failed.
func (n *notebook) abort(waiting []msgReceipt) {
	for _, r := range waiting {
		n.busy(r, func() {
			reply(r, "execute_reply", map[string]any{"status": "aborted"})
		})
	}
}

// showValues shows each value of the cell's last expression: the last one as
// its result, the others before it.
func (n *notebook) showValues(r msgReceipt, count int, out outcome) {
	for _, err := range out.notes {
		publish(r.PublishWriteStream(StreamStderr, err.Error()+"\n"))
	}
	for i, d := range out.shown {
		if i < len(out.shown)-1 || out.fail != nil {
			publish(r.PublishDisplayData(d))
		} else {
			publish(r.PublishExecutionResult(count, d))
		}
	}
}
