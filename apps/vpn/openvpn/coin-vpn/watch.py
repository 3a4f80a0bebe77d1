"""Ends sessions whose account is gone, not enabled, or has other addresses now, and those whose certificate was revoked."""
import signal
import sys
import time

from directory import Unreachable, accounts, look_at_base
from hooks import alive, end_lost
from log import log
from management import Gone, Management
from revoked import Revoked, Unreadable
from sessions import all_sessions, session_name

# a client needs so long from its first packet to its addresses, at most
BEGINNING = 60
# how often what we remember is compared with what OpenVPN says
COMPARE = 10
# how long the word to begin anew takes to the client
TOLD = 0.2


class Watch:
    """One look at a time; what it asks of the directory is indexed and only about accounts that are in use."""

    def __init__(self, settings):
        self.settings = settings
        self.management = Management(settings)
        self.revoked = Revoked(settings)
        self.silent = {}
        self.compared = 0.0
        self.reported = time.monotonic()

    def run(self):
        """Until SIGTERM."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        log(self.settings, 'watch: begins')
        while True:
            began = time.monotonic()
            self.look()
            # a directory that is slow is asked less often
            time.sleep(max(self.settings.interval, 4 * (time.monotonic() - began)))

    def look(self):
        """Ends what has to end. Never raises."""
        ended = {}
        try:
            ended = self._to_end()
            self._answers('the directory')
        except Unreachable as error:
            self._does_not_answer('the directory', error, ': sessions are left alone')
        try:
            ended.update(self._revoked())
            self._answers('the revocation list')
        except Unreadable as error:
            self._does_not_answer('the revocation list', error, ': the one before counts')
        try:
            if ended:
                self._end(ended)
            if time.monotonic() - self.compared > COMPARE or self.management.connection is None:
                self._compare()
            self._answers('OpenVPN')
        except Gone as error:
            self._does_not_answer('OpenVPN', error, '')
        except OSError as error:
            log(self.settings, f'watch: {error}')

    def _to_end(self):
        """The reasons, by name of the session."""
        sessions = all_sessions(self.settings)
        if not sessions:
            return {}
        found = accounts(self.settings, {each['login'] for each in sessions.values()})
        missing = {each['login'] for each in sessions.values()} - set(found)
        if missing:
            look_at_base(self.settings)
            # nobody deletes everybody at once: it rather hides them, or was emptied by mistake
            if not found and len(missing) > 3:
                raise Unreachable(f'it shows none of {len(missing)} accounts')
        reasons = {}
        for name, session in sessions.items():
            account = found.get(session['login'])
            if not account:
                reasons[name] = 'the account is gone'
            elif not account.enabled:
                reasons[name] = 'the account is not enabled'
            elif account.addresses() != session['addresses']:
                reasons[name] = 'the addresses changed'
        return reasons

    def _revoked(self):
        """As `_to_end`. OpenVPN itself reads the list only when a client connects or renews its keys."""
        serials = self.revoked.look()
        sessions = all_sessions(self.settings) if serials else {}
        return {name: 'the certificate is revoked' for name, each in sessions.items() if each.get('serial') in serials}

    def _end(self, reasons):
        """Tells the clients, then ends what still runs: the routes go now, and a client that was told comes back at once."""
        running = self._running()
        for name, reason in reasons.items():
            log(self.settings, f'watch: ends {name}: {reason}')
            if name in running:
                self.management.tell(running[name])
        time.sleep(TOLD)
        still = self._running()
        for name in reasons:
            if name in still:
                self.management.end(still[name])
            elif name not in running:
                end_lost(self.settings, name)

    def _compare(self):
        """Forgets what OpenVPN forgot, and ends what runs without being remembered: it could not be ended later."""
        known = all_sessions(self.settings)
        running = self._running()
        now = time.time()
        for name, session in known.items():
            if name not in running and now - session['seen'] > BEGINNING:
                log(self.settings, f'watch: {name} does not run any more')
                end_lost(self.settings, name)
        for name, client in running.items():
            if name not in known and now - int(client['since']) > BEGINNING:
                log(self.settings, f'watch: ends {name}: it is not remembered')
                self.management.end(client)
        if time.monotonic() - self.reported >= self.settings.alive_interval:
            alive(self.settings, {name: (client['received'], client['sent']) for name, client in running.items()})
            self.reported = time.monotonic()
        self.compared = time.monotonic()

    def _running(self):
        return {session_name(each['login'], each['since']): each for each in self.management.sessions()}

    def _answers(self, who):
        if self.silent.pop(who, None):
            log(self.settings, f'watch: {who} answers again')

    def _does_not_answer(self, who, error, consequence):
        if self.silent.get(who) != str(error):
            log(self.settings, f'watch: {who} does not answer ({error}){consequence}')
        self.silent[who] = str(error)


def watch(settings, arguments):
    """Runs until it is told to end."""
    del arguments
    Watch(settings).run()
    return 0
