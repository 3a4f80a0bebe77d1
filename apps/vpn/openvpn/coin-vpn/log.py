"""One line for each thing that happened, to syslog or to a file."""
import os
import time


def log(settings, text):
    """Never fails: a full disk does not refuse a login."""
    line = ''.join(each if each.isprintable() else '?' for each in text)
    try:
        if settings.log == 'syslog':
            import syslog

            syslog.openlog('coin-vpn', syslog.LOG_PID, syslog.LOG_DAEMON)
            syslog.syslog(line)
            return
        file = os.open(settings.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
        try:
            os.write(file, f'{time.strftime("%Y-%m-%dT%H:%M:%S%z")} {line}\n'.encode())
        finally:
            os.close(file)
    except OSError:
        pass
