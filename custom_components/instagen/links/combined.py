"""One plant over several links: each reading over the best one that answers.

The links stand in order of preference. A link that fails is left alone for a minute; the
next one takes its readings over meanwhile, and it gets them back when it answers again.
What only a later link serves is read with the slow polls.
"""

from collections.abc import AsyncGenerator, Mapping, Sequence, Set as AbstractSet
from contextlib import aclosing
from dataclasses import fields
from typing import Any, Final

from ..plant.continuity import Continuity
from ..plant.identity import Feature, PlantIdentity
from ..plant.states import LinkName
from . import Answer, Link, LinkError, LinkStatistics

AWAY_SECONDS: Final = 60
"""How long a link that failed is left alone: asking costs seconds of every poll."""


class CombinedLink:
    """Serves the readings of all its links under one roof."""

    def __init__(self, links: Sequence[Link]) -> None:
        """Take the links of one plant, the preferred one first."""
        self._links = tuple(links)
        self._serving = self._links[0]
        self._known: set[LinkName] = set()
        self._away: dict[LinkName, float] = {}
        self._told_by: dict[str, LinkName] = {}
        self._continuity = Continuity()
        self.clock = self._links[0].clock

    @property
    def name(self) -> LinkName:
        """The link that serves most readings now."""
        return self._serving.name

    @property
    def poll_seconds(self) -> int:
        """The pace of the link that serves now."""
        return self._serving.poll_seconds

    @property
    def statistics(self) -> LinkStatistics:
        """What happened on all links together."""
        return LinkStatistics(
            **{
                field.name: sum(
                    getattr(link.statistics, field.name) for link in self._links
                )
                for field in fields(LinkStatistics)
            }
        )

    @property
    def served(self) -> frozenset[str]:
        """Keys of all readings that any of the links can serve."""
        return frozenset().union(*(link.served for link in self._links))

    @property
    def features(self) -> frozenset[Feature]:
        """Parts that the latest answers of any link show to be fitted."""
        return frozenset().union(*(link.features for link in self._links))

    async def identify(self, *, patient: bool = False) -> PlantIdentity:
        """Ask every link who is there; raise the preferred link's error if none knows."""
        found: list[PlantIdentity] = []
        errors: list[LinkError] = []
        for link in self._links:
            try:
                found.append(await self._introduce(link, patient=patient))
            except LinkError as err:
                errors.append(err)
        if not found:
            raise errors[0]
        return PlantIdentity(
            model=next((one.model for one in found if one.model), None),
            serial=next((one.serial for one in found if one.serial), None),
            features=frozenset().union(*(one.features for one in found)),
            inverters=max(one.inverters for one in found),
            firmware={
                part: version
                for one in reversed(found)
                for part, version in one.firmware.items()
            },
        )

    async def _introduce(self, link: Link, *, patient: bool) -> PlantIdentity:
        try:
            identity = await link.identify(patient=patient)
        except LinkError:
            self._leave_alone(link)
            raise
        self._known.add(link.name)
        return identity

    def _leave_alone(self, link: Link) -> None:
        self._away[link.name] = self.clock() + AWAY_SECONDS

    async def poll(
        self, keys: AbstractSet[str], *, slow: bool
    ) -> AsyncGenerator[Answer]:
        """Read each wanted reading over the best link that answers.

        Raises the ``LinkError`` of the preferred link when none answered.
        """
        rest = set(keys & self.served)
        first_error: LinkError | None = None
        serving: Link | None = None
        for link in self._links:
            wanted = frozenset(rest & link.served)
            if not wanted or self._is_away(link) or (serving and not slow):
                continue
            try:
                async with aclosing(self._poll(link, wanted, slow=slow)) as answers:
                    async for answer in answers:
                        yield answer
            except LinkError as err:
                first_error = first_error or err
                self._leave_alone(link)
                continue
            self._away.pop(link.name, None)
            serving = serving or link
            rest -= wanted
        if serving is None:
            if first_error is None:
                return  # no link that could be asked serves what is wanted
            raise first_error
        self._serving = serving
        if slow and rest:
            yield Answer(silent=frozenset(rest))

    def _is_away(self, link: Link) -> bool:
        """Return whether a link is left alone; the only one left never is."""
        away = [name for name, until in self._away.items() if self.clock() < until]
        return link.name in away and len(away) < len(self._links)

    async def _poll(
        self, link: Link, keys: frozenset[str], *, slow: bool
    ) -> AsyncGenerator[Answer]:
        if link.name not in self._known:
            await self._introduce(link, patient=True)
        # A link that takes over tells everything at once, not only what changed for it.
        takes_over = any(
            self._told_by.get(key, link.name) is not link.name for key in keys
        )
        if takes_over:
            link.forget_told()
        async with aclosing(link.poll(keys, slow=slow or takes_over)) as answers:
            async for answer in answers:
                self._told_by |= dict.fromkeys(answer.values, link.name)
                yield Answer(
                    values=self._continuity.follow(link.name, answer.values),
                    served=answer.served,
                    silent=answer.silent,
                )

    def forget_told(self) -> None:
        """Tell everything anew with the next poll."""
        for link in self._links:
            link.forget_told()

    def snapshot(self) -> dict[str, Any]:
        """Return what must survive a restart."""
        return {
            "continuity": self._continuity.snapshot(),
            **{link.name.value: link.snapshot() for link in self._links},
        }

    def restore(self, stored: Mapping[str, Any], *, age: float) -> None:
        """Take over what ``snapshot`` returned ``age`` seconds ago."""
        self._continuity = Continuity.restore(stored.get("continuity"))
        for link in self._links:
            if link.name.value in stored:
                link.restore(stored[link.name.value], age=age)

    async def close(self) -> None:
        """End every connection that is a link's own."""
        for link in self._links:
            await link.close()

    def diagnostics(self) -> dict[str, object]:
        """Return what each link tells about itself, and which one serves."""
        return {
            "link": self.name,
            "links": [link.diagnostics() for link in self._links],
        }
