"""What of a scenario can be read in several ways: its rules, the pooling and the incentives of streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from allocator.input.pydantic_faults import findings
from allocator.input.rule_references import read_as
from allocator.policy import Incentive, Stream
from allocator.problem import BASES
from allocator.questions import Question, reading
from allocator.rules.base import Rule
from allocator.scenario import Scenario
from allocator.text import Text

AS_WRITTEN = "as_written"

POOL = Question(
    "pool",
    Text("本资金可否统筹整合", "whether this money may be pooled"),
    "财农〔2021〕22号",
    "可利用地方各级财政资金",
    (
        reading("pooled", "所列旗县可统筹使用", "the counties named may pool it"),
        reading("strict", "各旗县只用于本任务方向", "every county keeps to the direction"),
    ),
    Text(
        "方案已列出可统筹的旗县；中央资金从严时，非原832个贫困县的试点县不得统筹",
        "the scenario names who may; read strictly, counties outside the 832 may not pool central money",
    ),
)
MODES = Question(
    "incentive",
    Text("考核结果怎样影响资金", "how the evaluation moves money"),
    "内政发〔2022〕9号 五（三）；新财振〔2024〕1号 四（三）",
    "正向激励；对考核结果好的地县…给予奖励资金，对考核结果差的地县…给予扣减资金",
    (
        reading("reward", "只奖不扣，另设奖励资金", "rewards alone, from a pool", mode="reward", cap=None),
        reading("reward_and_deduct", "有奖有扣", "rewards and deductions", mode="reward_and_deduct"),
        reading(
            "multiplier",
            "绩效系数调整后重新归一",
            "a coefficient, then rescaled",
            mode="multiplier",
            cap=None,
            pool=Decimal(0),
        ),
        reading("none", "不奖不扣", "none"),
    ),
    Text("内蒙古为正向激励，新疆写明扣减", "Inner Mongolia rewards, Xinjiang also deducts"),
)


class Unfit(Exception):
    """The scenario has not what a reading needs."""

    def __init__(self, why: Text) -> None:
        self.why = why
        super().__init__(why.en)


@dataclass(frozen=True)
class Choice:
    """One reading of one question of a rule or stream."""

    owner: str
    """Path in the scenario, such as rules.use_share_floor."""
    rule: str
    """Id of the rule; empty for a stream."""
    subject: Text
    """Title of the rule or stream."""
    question: Question
    name: str
    title: Text
    clause: str
    """Of the rule or alternative; that of the question where it names none."""
    in_force: bool
    default: bool
    """Whether the text supports it most."""
    scenario: Callable[[], Scenario]
    """The scenario under this reading; raises Unfit."""


def choices(scenario: Scenario) -> tuple[Choice, ...]:
    """Every reading of every question, those of one question together."""
    found: list[Choice] = []
    for rule in scenario.rules:
        for question in rule.asked():
            found += _of_rule(scenario, rule, question)
        found += _alternatives(scenario, rule)
    for name, stream in scenario.streams.items():
        found += _of_stream(scenario, name, stream)
    return tuple(found)


def _of_rule(scenario: Scenario, rule: Rule, question: Question) -> Iterator[Choice]:
    own = {key: getattr(rule, key) for option in question.readings for key in option.values}
    now = question.answered(own)
    common = f"rules.{rule.id}", rule.id, rule.text, question
    clause = rule.clause or question.clause
    if not now:
        said = Text("按方案所写", "as the scenario has it")
        yield Choice(*common, AS_WRITTEN, said, clause, True, False, lambda: scenario)
    for position, option in enumerate(question.readings):

        def turned(values: Any = option.values) -> Scenario:
            _levels_named(scenario, values)
            _own_shares_named(rule, values)
            return _with_rule(scenario, rule, lambda: rule.read(values))

        yield Choice(*common, option.name, option.title, clause, option.name == now, not position, turned)


def _alternatives(scenario: Scenario, rule: Rule) -> Iterator[Choice]:
    if not rule.alternatives:
        return
    title = Text("方案列出的其他口径", "other readings that the scenario names")
    written = reading(AS_WRITTEN, "按方案所写", "as the scenario has it")
    others = tuple(
        reading(name, *other.title.text(name), **other.set) for name, other in rule.alternatives.items()
    )
    question = Question("alternatives", title, rule.clause, "", (written, *others), Text("", ""))
    common = f"rules.{rule.id}", rule.id, rule.text, question
    yield Choice(*common, AS_WRITTEN, written.title, rule.clause, True, False, lambda: scenario)
    for name, other in rule.alternatives.items():

        def turned(name: str = name) -> Scenario:
            return _with_rule(scenario, rule, lambda: read_as(rule, rule.alternatives[name]))

        clause = other.clause or rule.clause
        yield Choice(*common, name, other.title.text(name), clause, False, False, turned)


def _of_stream(scenario: Scenario, name: str, stream: Stream) -> Iterator[Choice]:
    owner, title = f"streams.{name}", stream.title.text(name)
    if stream.pool is not None:

        def alone() -> Scenario:
            return _with_stream(scenario, name, {"pool": None})

        for option in POOL.readings:
            now = option.name == "pooled"
            yield Choice(
                owner,
                "",
                title,
                POOL,
                option.name,
                option.title,
                POOL.clause,
                now,
                now,
                (lambda: scenario) if now else alone,
            )
    incentive = stream.incentive
    if incentive is None:
        return
    for option in MODES.readings:

        def turned(values: Any = option.values) -> Scenario:
            changed = _read_incentive(incentive, values) if values else None
            return _with_stream(scenario, name, {"incentive": changed})

        own = option.name == incentive.mode
        yield Choice(owner, "", title, MODES, option.name, option.title, MODES.clause, own, False, turned)


def _read_incentive(incentive: Incentive, values: Any) -> Incentive:
    own = {key: getattr(incentive, key) for key in incentive.model_fields_set}
    try:
        return Incentive.model_validate({**own, **values})
    except ValidationError as error:
        if values["mode"] == "reward" and not incentive.pool:
            raise Unfit(Text("需要另设奖励资金（pool）", "it needs a pool to pay from")) from None
        raise Unfit(_said(error)) from None


def _with_stream(scenario: Scenario, name: str, changed: dict[str, Any]) -> Scenario:
    stream = scenario.streams[name].model_copy(update=changed)
    return scenario.model_copy(update={"streams": {**scenario.streams, name: stream}})


def _with_rule(scenario: Scenario, rule: Rule, turned: Callable[[], Rule]) -> Scenario:
    try:
        changed = turned()
    except ValidationError as error:
        raise Unfit(_said(error)) from None
    rules = tuple(changed if own.id == rule.id else own for own in scenario.rules)
    return scenario.model_copy(update={"rules": rules})


def _levels_named(scenario: Scenario, values: Any) -> None:
    """Raises Unfit where no stream says what a base is told by."""
    base = values.get("base")
    if base is None:
        return
    levels, bridging_alone = BASES[base]
    known = {s.level for s in scenario.streams.values() if s.fund == "bridging" or not bridging_alone}
    if None not in levels and not levels & known:
        wanted = ", ".join(sorted(str(level) for level in levels))
        raise Unfit(
            Text(f"没有注明 level: {wanted} 的衔接资金", f"no bridging money says level: {wanted}"),
        )


def _own_shares_named(rule: Rule, values: Any) -> None:
    """Raises Unfit where counties are to keep their own share and only that of all together is known."""
    together = getattr(rule, "ratchet", "county") == "together" and getattr(rule, "by", "county") != "county"
    if values.get("ratchet") == "county" and together and getattr(rule, "own_share", None) is None:
        raise Unfit(
            Text(
                "需要一列各旗县自己的上年占比（own_share）",
                "it needs a column of counties' own shares (own_share)",
            )
        )


def _said(error: ValidationError) -> Text:
    found = [text for _, text in findings(error)]
    return Text("；".join(text.zh for text in found), "; ".join(text.en for text in found))
