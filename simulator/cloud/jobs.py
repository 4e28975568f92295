"""Jobs: what a device is asked to do takes time (facts/cloud-api.md section 7)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from .errors import JobFailed, NoPermission, RuleBroken
from .world import Row, World

RUNNING: Final = 2
_FIRST: Final = 39_219_485
"""Number of the first job; the size of a recorded one."""


@dataclass(slots=True)
class Job:
    """Something a device does, or did."""

    number: str
    kind: str
    sid: int
    station: str
    serial: str
    dev_type: int
    begun: datetime
    asked: int = 0
    over: bool = False
    result: Any = field(default_factory=list)
    error: str = ""


@dataclass(slots=True)
class JobTrouble:
    """Faults of jobs."""

    endless: bool = False
    error: str = ""
    no_effect: bool = False


class Jobs:
    """Starts jobs and tells how far they are."""

    def __init__(self, world: World) -> None:
        """Take the world that the jobs change."""
        self._world = world
        self._jobs: dict[str, Job] = {}
        self.trouble = JobTrouble()

    def start(
        self, kind: str, station: Row, device: Row | None, deed: Callable[[], Any]
    ) -> str:
        """Start a job; what it does is done at once, what came of it is told later.

        Raises:
            RuleBroken: while another job of the plant runs.
        """
        now = self._world.clock.true
        if self.running(station["id"]):
            raise RuleBroken("The device is pending, please try again later")
        number = str(_FIRST + len(self._jobs))
        job = Job(
            number,
            kind,
            station["id"],
            station["name"],
            device["sn"] if device else "",
            device["type"] if device else 6,
            now,
        )
        self._jobs[number] = job
        try:
            job.result = self._do(station, kind, deed)
        except JobFailed as failure:
            job.error = failure.code
        return number

    def _do(self, station: Row, kind: str, deed: Callable[[], Any]) -> Any:
        trouble = self.trouble
        if trouble.error:
            raise JobFailed(trouble.error)
        if not self._world.source(station).online:
            raise JobFailed("00001")
        if trouble.endless or (trouble.no_effect and not kind.endswith("read")):
            return []
        result = deed()
        return [] if result is None else result

    def running(self, sid: int) -> list[Job]:
        """Return the jobs of a plant that are not over."""
        oldest = self._world.clock.true - timedelta(seconds=self._world.policy.job_life)
        return [
            job
            for job in self._jobs.values()
            if job.sid == sid and not job.over and job.begun > oldest
        ]

    def stop(self, sid: int) -> None:
        """End whatever a plant is busy with."""
        for job in self.running(sid):
            job.over, job.error = True, "00003"

    def ask(self, number: str, family: str, sees: Callable[[Row], bool]) -> Job:
        """Return a job after one more look at it.

        Raises:
            NoPermission: when there is none of this family or it is of another's plant.
        """
        job = self._jobs.get(number)
        station = self._world.station(job.sid) if job else None
        if job is None or station is None or not sees(station):
            raise NoPermission
        if not job.kind.startswith(family):
            raise NoPermission
        job.asked += 1
        if not self.trouble.endless and job.asked > self._world.policy.job_polls:
            job.over = True
        return job


def job_told(job: Job) -> dict[str, Any]:
    """Return a job's state as 5.11 shows it."""
    rate = 100 if job.over else -1 if job.asked <= 1 else 50
    code = RUNNING if not job.over else 1 if job.error else 0
    speed = {
        "sn": job.serial,
        "type": job.dev_type,
        "rate": rate,
        "err_code": job.error if job.over else "",
        "sid": job.sid,
        "station_name": job.station,
        "module": f"{job.dev_type:03}000",
    }
    done = job.over and not job.error
    return {
        "code": code,
        "rate": rate,
        "speed": [speed],
        "data": job.result if done else [],
        "message": "",
    }
