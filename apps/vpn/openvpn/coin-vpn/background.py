"""OpenVPN forwards nothing while it waits for one of its scripts: what may take long goes on without it."""
import os
import select
import traceback
from contextlib import suppress

# the server stands still for so long at most
PATIENCE = 0.25


def soon(work, later):
    """What `work` answers (true or false) when it comes soon; else None, and `later` gets it in a process of its own."""
    answers, answer = os.pipe()
    receipts, receipt = os.pipe()
    if os.fork():
        os.close(answer)
        os.close(receipts)
        if not select.select([answers], [], [], PATIENCE)[0]:
            return None
        good = os.read(answers, 1) == b'1'
        with suppress(BrokenPipeError):
            os.write(receipt, b'.')
        return good
    os.close(answers)
    os.close(receipt)
    os.setsid()
    good = False
    try:
        good = work()
    except Exception:
        traceback.print_exc()
    finally:
        try:
            os.write(answer, b'1' if good else b'0')
            taken = os.read(receipts, 1)
        except OSError:
            taken = b''
        if not taken:
            later(good)
        os._exit(0)


def in_background(work):
    """Runs `work` in a process that nobody waits for."""
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return
    os.setsid()
    if os.fork() == 0:
        try:
            work()
        finally:
            os._exit(0)
    os._exit(0)
