"""The nightly job: crawl, verify a share, back up, publish, tell. A step that fails never stops the next one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from archive import clock, health, room
from archive.connect import connect
from archive.lock import Lock
from cleaning.command import CANNOT_FINISH, FINE, LOCKED, NEEDS_A_PERSON, Options, Problem
from scrapers import webhook as webhooks


@dataclass(frozen=True)
class Step:
    """One step of the night: its command line, how it ended, and its last line."""

    name: str
    exit_code: int
    line: str


def nightly(
    options: Options,
    *,
    crawl: Sequence[str] = (),
    share: str = "1/30",
    backup_to: Path | None = None,
    digest: Path | None = None,
    webhook: str | None = None,
) -> int:
    """Run the night under one lock; return its exit code: the gravest of its steps', a crash before an alarm.

    The digest goes to its file, to stdout and to the webhook; a place that does not take it keeps it from no other,
    and makes a `Problem` of one line in the end.
    """
    if webhook:
        webhooks.check(webhook)
    with Lock(options.archive, "nightly"):
        began = clock.stamp()
        steps = [_step(options, "crawl", *crawl)]
        if options.archive.exists():
            steps.append(_step(options, "verify", "--share", share))
            if backup_to is not None:
                steps.append(_step(options, "backup", "--to", str(backup_to)))
            steps.append(_step(options, "publish"))
        text = write_digest(options, steps, began)
        code = gravest(step.exit_code for step in steps)
        file = digest or options.archive.with_name("digest.txt")
        problems = []
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            problems.append(f"the digest could not be written to {file}: {error.strerror}")
        if webhook and (failure := webhooks.send(webhook, text, code)):
            problems.append(f"the digest could not be sent to the webhook: {failure}")
    sys.stdout.write(text)
    if problems:
        raise Problem("; ".join(problems), gravest((code, NEEDS_A_PERSON)))
    return code


def gravest(codes: Iterable[int]) -> int:
    """Return the exit code of a night from its steps': 70 before 75 before 2 before 1 before 0."""
    found = set(codes)
    known = (CANNOT_FINISH, LOCKED, 2, NEEDS_A_PERSON, FINE)
    if found - set(known):
        return CANNOT_FINISH
    return next((code for code in known if code in found), FINE)


def _step(options: Options, name: str, *arguments: str) -> Step:
    command = [sys.executable, "-m", "tintinh", "--archive", str(options.archive), name, *arguments]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, errors="replace")
    sys.stderr.write(done.stdout)
    lines = [line for line in done.stdout.splitlines() if line.strip()]
    return Step(name, done.returncode, lines[-1] if lines else "")


def write_digest(options: Options, steps: Sequence[Step], began: str) -> str:
    """Return the one message of the night: what each step came to, what each portal brought, what needs a person."""
    parts = [f"Tin Tỉnh, night of {began} ({options.archive})", ""]
    for step in steps:
        outcome = {FINE: "ok", NEEDS_A_PERSON: "needs a person", LOCKED: "another run held the lock"}.get(
            step.exit_code, f"FAILED (exit {step.exit_code})"
        )
        parts.append(f"{step.name:8} {outcome:26} {step.line}")
    if not options.archive.exists():
        return "\n".join([*parts, "", "no archive yet"]) + "\n"
    try:
        return "\n".join([*parts, *_of_archive(options, began)]) + "\n"
    except Problem as problem:
        return "\n".join([*parts, "", str(problem)]) + "\n"


def _of_archive(options: Options, began: str) -> list[str]:
    parts = []
    with closing(connect(options.archive, write=False)) as db:
        verdicts = health.judge(db)
        growth = room.growth(db, options.archive)
        rows = db.execute(
            "SELECT * FROM crawls WHERE started_at >= ? ORDER BY cause IN ('ok', 'partial'), portal", (began,)
        ).fetchall()
        gone = dict(
            db.execute(
                "SELECT portal, count(*) FROM urls WHERE state = 'gone' AND last_checked >= ? GROUP BY 1", (began,)
            )
        )
    for title, state in (("Needs a person", "alarm"), ("Acknowledged", "acknowledged")):
        lines = [verdict.line() for verdict in verdicts if verdict.state == state]
        if lines:
            parts += ["", f"{title}: {len(lines)}", *(f"  {line}" for line in lines)]
    parts += ["", f"{'portal':32} {'cause':15} {'new':>5} {'chg':>5} {'gone':>5} {'fail':>5}  missing fields"]
    for row in rows:
        rates = json.loads(row["null_rates"] or "{}")
        missing = ", ".join(f"{name} {rate:.0%}" for name, rate in rates.items() if rate)
        parts.append(
            f"{row['portal'][:32]:32} {row['cause']:15} {row['new']:5} {row['changed']:5}"
            f" {gone.get(row['portal'], 0):5} {row['failed']:5}  {missing}"
        )
    successes = [verdict.last_success for verdict in verdicts if verdict.last_success]
    if successes:
        oldest = min((verdict for verdict in verdicts if verdict.last_success), key=lambda v: v.last_success or "")
        parts += ["", f"oldest success: {oldest.portal}, {oldest.last_success}"]
    parts.append(growth.line())
    sums = options.releases / "current" / "SHA256SUMS"
    if sums.exists():
        parts += [
            "release:",
            *(f"  {line}" for line in sums.read_text(encoding="utf-8").splitlines() if "tintinh.db" in line),
        ]
    return parts
