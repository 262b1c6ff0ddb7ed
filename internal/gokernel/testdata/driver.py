"""Drives an installed kernel over ZeroMQ, as a notebook front end does."""

import os
import queue
import signal
import threading
import time

from jupyter_client.manager import KernelManager


class Kernel:
    """A running kernel and its client."""

    def __init__(self, name, env=None):
        self.started = time.monotonic()
        self.km = KernelManager(kernel_name=name)
        full = dict(os.environ)
        full.update(env or {})
        self.km.start_kernel(env=full)
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.wait_for_ready(timeout=60)
        self.ready = time.monotonic() - self.started
        self.once_running = []  # (seconds, function): called that long after the next cell has begun

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kc.stop_channels()
        self.km.shutdown_kernel(now=True)

    @property
    def pid(self):
        return self.km.provisioner.process.pid

    def signal(self):
        os.kill(self.pid, signal.SIGINT)

    def interrupt_message(self):
        msg = self.kc.session.msg("interrupt_request", {})
        self.kc.control_channel.send(msg)

    def run(self, code, timeout=60, during=None, **kwargs):
        """Executes code. during(kind, content, seconds) sees every output as it comes."""
        start = time.monotonic()
        msg_id = self.kc.execute(code, **kwargs)
        out = Result()
        out.id = msg_id
        while True:
            left = timeout - (time.monotonic() - start)
            if left <= 0:
                raise TimeoutError(f"no idle status within {timeout} s for: {code}")
            try:
                msg = self.kc.get_iopub_msg(timeout=left)
            except queue.Empty:
                continue
            if msg["parent_header"].get("msg_id") != msg_id:
                continue
            kind, content = msg["msg_type"], msg["content"]
            if during:
                during(kind, content, time.monotonic() - start)
            if kind == "status" and content["execution_state"] == "idle":
                break
            if kind == "execute_input":
                for delay, f in self.once_running:
                    threading.Timer(delay, f).start()
                self.once_running = []
            out.add(kind, content, time.monotonic() - start)
        out.reply = self.reply(msg_id)
        out.seconds = time.monotonic() - start
        return out

    def reply(self, msg_id, timeout=20):
        while True:
            msg = self.kc.get_shell_msg(timeout=timeout)
            if msg["parent_header"].get("msg_id") == msg_id:
                return msg["content"]

    def complete(self, code, cursor=None):
        return self.reply(self.kc.complete(code, len(code) if cursor is None else cursor))

    def inspect(self, code, cursor=None):
        return self.reply(self.kc.inspect(code, len(code) if cursor is None else cursor))


class Result:
    """What one execution sent."""

    def __init__(self):
        self.streams = {"stdout": "", "stderr": ""}
        self.pieces = []  # (seconds, name, text)
        self.displays = []  # data of display_data
        self.value = None  # data of execute_result
        self.error = None
        self.reply = None

    def add(self, kind, content, seconds):
        if kind == "stream":
            self.streams[content["name"]] += content["text"]
            self.pieces.append((seconds, content["name"], content["text"]))
        elif kind == "display_data":
            self.displays.append(content["data"])
        elif kind == "execute_result":
            assert self.value is None, "two results"
            self.value = content["data"]
        elif kind == "error":
            self.error = content

    @property
    def stdout(self):
        return self.streams["stdout"]

    @property
    def stderr(self):
        return self.streams["stderr"]

    @property
    def ok(self):
        return self.reply["status"] == "ok" and self.error is None
