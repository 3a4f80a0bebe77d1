"""The serial numbers of revoked certificates, from the list that OpenVPN reads as well (`crl-verify`)."""
import os
import re
import subprocess


class Unreadable(Exception):
    """The list is there, and cannot be read."""


class Revoked:
    """Reads the list again when the file is another one."""

    def __init__(self, settings):
        self.path = settings.crl
        self.seen = None
        self.serials = frozenset()

    def look(self):
        """The serials as capital hexadecimal digits; none without a list. Raises Unreadable, and remembers what it read before."""
        try:
            found = os.stat(self.path)
        except (FileNotFoundError, NotADirectoryError):
            return frozenset()
        except OSError as error:
            raise Unreadable(os.strerror(error.errno)) from error
        seen = (found.st_ino, found.st_mtime_ns, found.st_size)
        if seen != self.seen:
            self.serials = self._read()
            self.seen = seen
        return self.serials

    def _read(self):
        try:
            told = subprocess.run(['openssl', 'crl', '-in', self.path, '-noout', '-text'], capture_output=True, timeout=30, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise Unreadable(str(error)) from error
        if told.returncode != 0:
            raise Unreadable(' '.join(told.stderr.decode('utf-8', 'replace').split())[:200])
        return frozenset(each.lstrip('0') for each in re.findall(r'Serial Number: ([0-9A-F]+)', told.stdout.decode('ascii', 'replace')))
