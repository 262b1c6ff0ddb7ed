"""What ends an installed kernel, and what a notebook is told of it.

    python deaths.py NAME
"""

import os
import signal
import subprocess
import time

from checks import check, contains, equal, kernel, main

@check
def os_exit_fails_the_cell():
    with kernel() as k:
        k.run('keep := 7\nimport (\n"os"\n"log"\n)')
        for code, word in [("os.Exit(3)", "os.Exit(3)"), ("func f() { defer func() { recover() }(); os.Exit(2) }\nf()", "os.Exit(2)"), ('log.Fatal("why")', "os.Exit(1)")]:
            r = k.run(code)
            equal(r.error["ename"], "ExitError")
            contains(r.error["evalue"], word)
        contains(r.stderr, "why")
        equal(k.run("keep").value["text/plain"], "7")


def dying_words(code, setup=""):
    """Runs code, which ends the kernel, and returns the error that the page gets."""
    k = kernel()
    try:
        if setup:
            assert k.run(setup).ok
        msg_id = k.kc.execute(code)
        begin = time.monotonic()
        while time.monotonic() - begin < 60:
            try:
                msg = k.kc.get_iopub_msg(timeout=1)
            except Exception:
                continue
            if msg["msg_type"] == "error":
                equal(msg["parent_header"]["msg_id"], msg_id)
                text = "\n".join(msg["content"]["traceback"])
                contains(text, "KernelDied", "In[")
                return msg["content"]["evalue"]
        raise AssertionError("nothing was said")
    finally:
        k.kc.stop_channels()
        k.km.shutdown_kernel(now=True)


@check
def unlock_of_an_unlocked_mutex_is_explained():
    contains(dying_words("mu.Unlock()", 'import "sync"\nvar mu sync.Mutex'), "unlock of unlocked mutex")


@check
def concurrent_map_writes_are_explained():
    code = """mm := map[int]int{}
for g := 0; g < 4; g++ { go func() { for i := 0; i < 3000000; i++ { mm[i%10] = i } }() }
time.Sleep(50*time.Second)"""
    contains(dying_words(code, 'import "time"'), "concurrent map")


@check
def lack_of_memory_is_explained():
    contains(dying_words("h := make([]byte, 1<<46)\nh[0] = 1"), "memory")


@check
def exit_in_a_goroutine_ends_that():
    with kernel() as k:
        k.run('keep := 7\nimport (\n"os"\n"time"\n)')
        r = k.run("go os.Exit(4)\ntime.Sleep(time.Second)")
        contains(r.stderr, "os.Exit(4) was called in a goroutine")
        equal(k.run("keep").value["text/plain"], "7")


@check
def exit_in_compiled_code_is_explained():
    code = 'fs := flag.NewFlagSet("prog", flag.ExitOnError)\nfs.Parse([]string{"-nope"})'
    contains(dying_words(code, 'import "flag"'), "os.Exit was called in compiled code")


@check
def a_killed_kernel_is_explained():
    code = 'p, _ := os.FindProcess(os.Getpid())\np.Kill()\ntime.Sleep(20*time.Second)'
    contains(dying_words(code, 'import (\n"os"\n"time"\n)'), "killed")


@check
def a_restart_follows_a_death():
    """The next kernel gets the ports although the monitor may still hold one."""
    k = kernel()
    try:
        k.run('keep := 7\nimport "sync"\nvar mu sync.Mutex')
        k.kc.execute("mu.Unlock()")
        while k.km.provisioner.process.poll() is None:
            time.sleep(0.005)
        k.km.restart_kernel(now=False, newports=False)
        k.kc.wait_for_ready(timeout=30)
        equal(k.run("1 + 1").value["text/plain"], "2")
    finally:
        k.kc.stop_channels()
        k.km.shutdown_kernel(now=True)


@check
def no_process_stays_behind():
    for end in [lambda k: k.kc.shutdown(), lambda k: os.kill(k.pid, signal.SIGTERM), lambda k: os.kill(k.pid, signal.SIGKILL)]:
        k = kernel()
        k.run("1")
        children = subprocess.run(["/bin/sh", "-c", f"/usr/bin/pgrep -P {k.pid} || ps -o pid= --ppid {k.pid}"], capture_output=True, text=True).stdout.split()
        end(k)
        k.km.provisioner.process.wait(timeout=20)
        for pid in children:
            for _ in range(100):
                if not os.path.exists(f"/proc/{pid}"):
                    break
                time.sleep(0.1)
            else:
                raise AssertionError(f"process {pid} is still there")
        k.kc.stop_channels()
        k.km.shutdown_kernel(now=True)


if __name__ == "__main__":
    main()
