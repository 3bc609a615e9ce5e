"""What a policy maker writes down of groups of counties and of uses, each with its years."""

from __future__ import annotations

from typing import Any, Self

from pydantic import GetJsonSchemaHandler, model_validator
from pydantic_core import CoreSchema

from allocator.fields import Name, Names, Span, Title
from allocator.publication import FunctionalCode


class GroupVersion(Span):
    """A set of counties: all that match `where`, or the listed `codes`."""

    title: Title = Title()
    """Title for tables and charts."""
    where: dict[str, Any] | None = None
    """Column → value, list of values, or {min, max}; several columns must all match."""
    codes: Names | None = None
    """Six-digit county codes."""

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if (self.where is None) == (self.codes is None):
            raise ValueError("exactly one of 'where' and 'codes' is needed")
        return self

    @model_validator(mode="after")
    def _not_empty(self) -> Self:
        if self.codes == ():
            raise ValueError("'codes' is empty")
        return self


class Group(GroupVersion):
    """A named set of counties, the same in every year or by versions that follow one another.

    A list of versions stands for `{versions: [...]}`. What `where` and `codes` say is what is in force
    in the scenario's year; a group outside its years has no counties.
    """

    versions: tuple[GroupVersion, ...] = ()
    """Versions by year, each with `from`, `until` and `where` or `codes`; instead of those here."""

    @model_validator(mode="before")
    @classmethod
    def _from_list(cls, value: Any) -> Any:
        return {"versions": value} if isinstance(value, list | tuple) else value

    @model_validator(mode="after")
    def _one_of(self) -> Self:
        if bool(self.versions) == (self.where is not None or self.codes is not None):
            raise ValueError("exactly one of 'where', 'codes' and 'versions' is needed")
        if self.where is not None and self.codes is not None:
            raise ValueError("exactly one of 'where' and 'codes' is needed")
        if self.versions and self.dated:
            raise ValueError("'from' and 'until' belong to each version")
        return self

    @classmethod
    def __get_pydantic_json_schema__(cls, core: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        """The map, or a list of versions."""
        one = handler(core)
        versions = handler.resolve_ref_schema(one)["properties"]["versions"]
        return {"anyOf": [one, {"type": "array", "items": versions["items"], "minItems": 1}]}

    @property
    def position(self) -> int | None:
        """Which of the versions is in force; None where there are none, or none is."""
        spans = [(version.from_, version.until) for version in self.versions]
        own = self.from_, self.until
        return spans.index(own) if own in spans and not self.closed else None

    @property
    def closed(self) -> bool:
        """Whether it has years and is outside of them, so that it has no counties."""
        return self.where is None and self.codes == () and (bool(self.versions) or self.dated)

    def covering(self, year: int) -> tuple[GroupVersion, ...]:
        """Versions in force in a year: one, or none; more than one is a fault of the scenario."""
        every = self.versions or (self,)
        return tuple(version for version in every if version.covers(year))

    def in_year(self, year: int) -> Group:
        """The group with what is in force in a year; without counties where nothing is."""
        found = self.covering(year)
        if found and not self.versions:
            return self
        own = found[0] if found else None
        titles = [version.title for version in ((own,) if own else self.versions)]
        changed: dict[str, Any] = {"title": next((t for t in titles if t != Title()), self.title)}
        if own is not None:
            changed |= {key: getattr(own, key) for key in ("where", "codes", "from_", "until")}
        else:
            changed |= {"where": None, "codes": ()}
            changed |= {"from_": None, "until": None} if self.versions else {}
        return self.model_copy(update=changed)


class Use(Span):
    """What money may pay for; tags let rules address several uses at once.

    Outside its years a use is closed: no stream may pay for it in this run.
    """

    title: Title = Title()
    """Title for tables and charts."""
    tags: tuple[Name, ...] = ()
    """Tags that rules refer to, such as industry."""
    code: FunctionalCode = ""
    """Functional budget code (支出功能科目), seven digits, such as 2130505."""
    forbidden: bool = False
    """Whether it is on the negative list (负面清单): no stream may pay for it in any year."""

    def open_in(self, year: int) -> bool:
        """Whether streams may pay for it in a year."""
        return not self.forbidden and self.covers(year)
